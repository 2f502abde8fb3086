-- Reads a run of a topic's log or, with a third key, the topic's state; and where the log stands, at the same instant.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash), or left out
-- ARGV  1 offset after which to read; a negative number asks for that many of the newest   2 events at the most
-- Reply: nothing for a topic that does not exist; else epoch, tail offset, tail check, end offset (0: open), end check, first offset that is offered,
--        the offset after which was read, check of the event there ('' when it is not held), then the entries (a state's in no particular order)

local m = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'check', 'end', 'end_check', 'base', 'base_check')
if not m[1] then return {} end

local after, limit, tail = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(m[2])
local oldest = tail - redis.call('LLEN', KEYS[2]) + 1
if after < 0 then after = math.max(0, tail + after) end

-- The oldest entry of a trimmed log is not offered: it only proves cursors. Where nothing was trimmed, the place before it is known otherwise.
local base = tonumber(m[6] or '0')
local first = oldest
if oldest > base + 1 and oldest <= tail then first = oldest + 1 end

local proof = ''
if after == tail then
    proof = m[3]
elseif after >= oldest and after < tail then
    proof = string.match(redis.call('LINDEX', KEYS[2], after - oldest), '^%w+%-%d+%-(%x+) ') or ''
elseif after > 0 and after == base and after == oldest - 1 then
    proof = m[7]
end

local function number(n) return string.format('%.0f', n) end
local reply = { m[1], m[2], m[3], m[4] or '0', m[5] or '0', number(first), number(after), proof }
local entries = {}
if KEYS[3] then
    entries = redis.call('HVALS', KEYS[3])
else
    local from = math.max(after + 1, first)
    if limit > 0 and from <= tail then
        entries = redis.call('LRANGE', KEYS[2], from - oldest, from - oldest + limit - 1)
    end
end
for i = 1, #entries do reply[#reply + 1] = entries[i] end
return reply
