-- Ends a job under its lease, as completed or canceled.
-- KEYS 1 documents, 4 leases, 6 ended, 8 webhooks, 11 owners
-- ARGV 1 id, 2 token, 3 now (ms), 4 when to forget it (ms), 5 'completed' or 'canceled'
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
if job.status == ARGV[5] then
  return 1
end
if job.status ~= 'running' then
  return 0
end
job.status = ARGV[5]
if ARGV[5] == 'completed' then
  job.stage = 'done'
  job.percent = '100'
  job.error = nil
end
job.cancel = nil
add(job, 'jobs', '-1')
job.finishedAt = ARGV[3]
if job.webhook then
  job.webhookStatus = 'pending'
  job.webhookAttempts = '0'
  redis.call('ZADD', KEYS[8], ARGV[3], ARGV[1])
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZADD', KEYS[6], ARGV[4], ARGV[1])
return 1
