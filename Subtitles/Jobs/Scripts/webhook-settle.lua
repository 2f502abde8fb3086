-- Tells what became of a try at a webhook.
-- KEYS 1 documents, 8 webhooks
-- ARGV 1 id, 2 attempt, 3 'delivered', 'failed', 'pending' or 'postponed' (was not tried), 4 when the next try is due (ms), for the last
-- two
-- Returns 1, or 0 when the job is gone, was retried, or somebody else has begun another try.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 0
end
local job = cjson.decode(found)
if job.webhookAttempts ~= ARGV[2] or job.webhookStatus ~= 'pending' then
  return 0
end
if ARGV[3] == 'postponed' then
  job.webhookAttempts = string.format('%.0f', tonumber(ARGV[2]) - 1)
else
  job.webhookStatus = ARGV[3]
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
if job.webhookStatus == 'pending' then
  redis.call('ZADD', KEYS[8], ARGV[4], ARGV[1])
else
  redis.call('ZREM', KEYS[8], ARGV[1])
end
return 1
