-- The newest event of every key of a topic, and where the log stands, at one instant.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash)
-- Reply: as read.lua's, with the entries of the state in no particular order

local m = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'check', 'end', 'end_check')
if not m[1] then return {} end

local tail = tonumber(m[2])
local oldest = tail - redis.call('LLEN', KEYS[2]) + 1
local first = oldest
if oldest > 1 and oldest <= tail then first = oldest + 1 end

local reply = { m[1], m[2], m[3], m[4] or '0', m[5] or '0', string.format('%.0f', first), m[2], m[3] }
local entries = redis.call('HVALS', KEYS[3])
for i = 1, #entries do reply[#reply + 1] = entries[i] end
return reply
