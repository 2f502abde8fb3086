-- Reads a part of a topic's state, in the order of the events' offsets, and where the log stands, at the same instant.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash)   4 order of the state (sorted set)
-- ARGV  1 offset after which to read   2 keys at the most   3 bytes at the most, but for one key   4 offset up to which to read, or 0 for
-- the newest
-- Reply: nothing for a topic that does not exist; else epoch, tail offset, tail check, end offset (0: open), end check, first offset that
-- the log offers,
--        offset of the last entry that was read where there are more behind it (else ''), then key and entry of each

local call = redis.call
local m = call('HMGET', KEYS[1], 'epoch', 'offset', 'check', 'end', 'end_check', 'base')
if not m[1] then return {} end

-- As in read.lua.
local tail, base = tonumber(m[2]), tonumber(m[6] or '0')
local oldest = tail - call('LLEN', KEYS[2]) + 1
local first = math.max(oldest, 1)
if oldest > base + 1 and oldest <= tail then first = oldest + 1 end

local limit, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local from, to = '(' .. ARGV[1], ARGV[4] ~= '0' and ARGV[4] or '+inf'
local reply = { m[1], m[2], m[3], m[4] or '0', m[5] or '0', string.format('%.0f', first), '' }
local taken, bytes, step, newest = 0, 0, 8, nil
local function more()
    reply[7] = call('ZSCORE', KEYS[4], newest)
    return reply
end
while taken < limit do
    local keys = call('ZRANGEBYSCORE', KEYS[4], from, to, 'LIMIT', taken, math.min(step, limit - taken, 1000))
    if #keys == 0 then return reply end
    local entries = call('HMGET', KEYS[3], unpack(keys))
    for i = 1, #keys do
        local entry = entries[i] or ''
        bytes = bytes + #entry
        if bytes > most and taken > 0 then return more() end
        reply[#reply + 1], reply[#reply + 2] = keys[i], entry
        taken, newest = taken + 1, keys[i]
    end
    step = math.max(1, math.floor((most - bytes) * taken / math.max(bytes, 1)))
end
return call('ZCOUNT', KEYS[4], from, to) > taken and more() or reply
