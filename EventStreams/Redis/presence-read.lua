-- Reads what a replica has told of some topics; without topics, the replicas that live.
--
-- KEYS  1 the replica's share (hash: topic to count and subjects), or the replicas (sorted set)
-- ARGV  topics

if #ARGV == 0 then return redis.call('ZRANGE', KEYS[1], 0, -1) end
return redis.call('HMGET', KEYS[1], (unpack or table.unpack)(ARGV))
