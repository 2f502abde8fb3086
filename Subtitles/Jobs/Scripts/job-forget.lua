-- Forgets a job that was deleted.
-- KEYS 1 documents, 4 leases, 11 owners
-- ARGV 1 id, 2 token
-- Returns 1, also when it was forgotten before, or 0 when the lease was lost.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 1
end
local job = cjson.decode(found)
if job.token ~= ARGV[2] or not job.deleted then
  return 0
end
if job.bytes then
  add(job, 'bytes', '-' .. job.bytes)
end
if job.mediaBytes then
  add(job, 'bytes', '-' .. job.mediaBytes)
end
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
