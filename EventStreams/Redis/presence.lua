-- A replica tells that it lives, and how many streams it has of the topics where that has changed.
--
-- KEYS  1 replicas (sorted set: name to milliseconds)   2 this one's share (hash: topic to count and subjects)
-- ARGV  1 name   2 how long it lives without another call, ms   3 PUBLISH or SPUBLISH   4 channel
--       (with the name alone, the replica leaves)
--       5… two a topic: name, and its count and subjects, or '' where there is no stream any more
-- Reply: 1 where the share was there, 0 where it is lost and must be told whole; then the replicas that live

local call, args, replicas, share = redis.call, ARGV, KEYS[1], KEYS[2]
if #args == 1 then
    call('ZREM', replicas, args[1])
    call('DEL', share)
    return {}
end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply = { call('EXISTS', share) }
call('ZADD', replicas, string.format('%.0f', now), args[1])
call('ZREMRANGEBYSCORE', replicas, '-inf', string.format('%.0f', now - args[2]))
-- So that there is a share also where there is no stream.
call('HSET', share, '-', '')
local changed = {}
for i = 5, #args, 2 do
    if args[i + 1] == '' then call('HDEL', share, args[i]) else call('HSET', share, args[i], args[i + 1]) end
    changed[#changed + 1] = args[i]
end
call('PEXPIRE', share, args[2])
call('PEXPIRE', replicas, args[2])
if #changed > 0 then call(args[3], args[4], table.concat(changed, ' ')) end
local alive = call('ZRANGE', replicas, 0, -1)
for i = 1, #alive do reply[i + 1] = alive[i] end
return reply
