-- Reads a run of a topic's log, and where the log stands, at one instant.
--
-- KEYS  1 meta (hash)   2 log (list)
-- ARGV  1 offset after which to read; a negative number asks for that many of the newest   2 events at the most
-- Reply: nothing for a topic that does not exist; else epoch, tail offset, tail check, end offset (0: open), end check, first offset that is offered,
--        the offset after which was read, check of the event there ('' when it is not held), then the entries

local m = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'check', 'end', 'end_check')
if not m[1] then return {} end

local after, limit, tail = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(m[2])
local oldest = tail - redis.call('LLEN', KEYS[2]) + 1
-- The oldest entry of a trimmed log is not offered: it only proves cursors.
if after < 0 then after = math.max(0, tail + after) end
local first = oldest
if oldest > 1 and oldest <= tail then first = oldest + 1 end

local proof = ''
if after == tail then
    proof = m[3]
elseif after >= oldest and after < tail then
    proof = string.match(redis.call('LINDEX', KEYS[2], after - oldest), '^%w+%-%d+%-(%x+) ') or ''
end

local reply = { m[1], m[2], m[3], m[4] or '0', m[5] or '0', string.format('%.0f', first), string.format('%.0f', after), proof }
local from = after + 1
if from < first then from = first end
if limit > 0 and from <= tail then
    local entries = redis.call('LRANGE', KEYS[2], from - oldest, from - oldest + limit - 1)
    for i = 1, #entries do reply[#reply + 1] = entries[i] end
end
return reply
