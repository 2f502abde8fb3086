-- Reads a run of each topic's log, and where the log stands, at the same instant.
--
-- KEYS  two a topic: meta (hash), log (list)
-- ARGV  1 bytes of a topic at the most, but for one event; when all of them have so many, the topics behind are left out
--       then three a topic: offset after which to read (a negative number asks for that many of the newest), events at the most, offset up
-- to which to read, or 0 for the newest
-- Reply: for each topic, but for those left out, nothing where it does not exist; else epoch, tail offset, tail check, end offset (0:
-- open), end check,
--        first offset that is offered, the offset after which was read, check of the event there ('' when it is not held), then the entries

local call = redis.call
local most, total = tonumber(ARGV[1]), 0
local function number(n) return string.format('%.0f', n) end

local function read(meta, log, after, limit, last)
    local m = call('HMGET', meta, 'epoch', 'offset', 'check', 'end', 'end_check', 'base', 'base_check')
    if not m[1] then return {} end

    local tail = tonumber(m[2])
    local oldest = tail - call('LLEN', log) + 1

    -- The oldest entry of a trimmed log is not offered: it only proves cursors. Where nothing was trimmed, the place before it is known
    -- otherwise.
    local base = tonumber(m[6] or '0')
    local first = math.max(oldest, 1)
    if oldest > base + 1 and oldest <= tail then first = oldest + 1 end

    -- In steps, from the cursor on or from the newest back, so that no more is loaded than goes into the answer.
    local entries, bytes = {}, 0
    local is_newest = after < 0
    if last == 0 or last > tail then last = tail end
    local low, high = math.max(after + 1, first), last
    if is_newest then low = math.max(last + after + 1, first) end
    high = math.min(high, low + limit - 1)
    local step = 8
    while low <= high do
        local from, to = low, math.min(low + step - 1, high)
        if is_newest then from, to = math.max(high - step + 1, low), high end
        local part = call('LRANGE', log, from - oldest, to - oldest)
        for i = 1, #part do
            local entry = part[is_newest and #part + 1 - i or i]
            bytes = bytes + #entry
            if bytes > most and #entries > 0 then
                high = low - 1
                break
            end
            entries[#entries + 1] = entry
        end
        if is_newest then high = math.min(high, from - 1) else low = to + 1 end
        step = math.max(1, math.floor((most - bytes) * #entries / math.max(bytes, 1)))
    end
    if is_newest then after = last - #entries end

    local proof = ''
    if after == tail then
        proof = m[3]
    elseif after >= oldest and after < tail then
        proof = string.match(call('LINDEX', log, after - oldest), '^%w+%-%d+%-(%x+) ') or ''
    elseif after > 0 and after == base and after == oldest - 1 then
        proof = m[7]
    end

    local reply = { m[1], m[2], m[3], m[4] or '0', m[5] or '0', number(first), number(after), proof }
    for i = 1, #entries do
        reply[#reply + 1] = entries[is_newest and #entries + 1 - i or i]
    end
    total = total + bytes
    return reply
end

local replies = {}
for i = 1, #KEYS / 2 do
    replies[i] = read(KEYS[2 * i - 1], KEYS[2 * i], tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]))
    if total >= most then break end
end
return replies
