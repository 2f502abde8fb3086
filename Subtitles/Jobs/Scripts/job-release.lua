-- Hands a job back unfinished, at the front of the line, and does not count the attempt.
-- KEYS 1 documents, 2 waiting, 4 leases, 10 turns
-- ARGV 1 id, 2 token, 3 wake-up channel
-- Returns 1, or 0 when the lease was lost.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 0
end
local job = cjson.decode(found)
if job.token ~= ARGV[2] then
  return 0
end
-- A repeat of a call whose answer was lost.
if job.released == ARGV[2] and job.status == 'queued' then
  return 1
end
if job.status ~= 'running' then
  return 0
end
job.status = 'queued'
job.released = ARGV[2]
if job.exhausted then
  job.exhausted = nil
else
  job.attempts = string.format('%.0f', tonumber(job.attempts) - 1)
end
enter(job, true)
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
