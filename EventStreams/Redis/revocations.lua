-- Revokes, or forgets that it did; and tells what was revoked since, and the time, which never goes back: not even where a failover
-- changes the clock.
--
-- KEYS  1 revoked (sorted set): 't' or 's' and the name of a topic or subject, to the time; '+' in front where it was lifted again
-- ARGV  1 what to put in, or '' for nothing   2 what to take out for it   3 how long it is kept, microseconds
--       4 a time: what is younger is told     5 PUBLISH or SPUBLISH        6 channel
-- Reply: the time, in microseconds since 1970; then what is younger, and its time

local call, format = redis.call, string.format
local revoked = KEYS[1]
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local newest = call('ZREVRANGE', revoked, 0, 0, 'WITHSCORES')[2]
if newest and tonumber(newest) >= now then now = tonumber(newest) + 1 end
local text = format('%.0f', now)

if ARGV[1] ~= '' then
    call('ZADD', revoked, text, ARGV[1])
    call('ZREM', revoked, ARGV[2])
    call('ZREMRANGEBYSCORE', revoked, '-inf', format('%.0f', now - ARGV[3]))
    call('PEXPIRE', revoked, format('%.0f', ARGV[3] / 1000))
    call(ARGV[5], ARGV[6], text .. ' ' .. ARGV[1])
end

local reply = { text }
if newest or ARGV[1] ~= '' then
    local since = call('ZRANGEBYSCORE', revoked, '(' .. ARGV[4], '+inf', 'WITHSCORES')
    for i = 1, #since, 2 do
        reply[i + 1] = since[i]
        reply[i + 2] = format('%.0f', since[i + 1])
    end
end
return reply
