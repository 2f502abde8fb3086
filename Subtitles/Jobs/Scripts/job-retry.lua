-- Makes a failed or canceled job ready again, with attempts from zero. Its token goes on rising.
-- KEYS 1 documents, 2 waiting, 6 ended, 7 dead, 8 webhooks, 10 turns, 11 owners
-- ARGV 1 id, 2 wake-up channel, 3 how often it had been retried when the caller looked
-- Returns {changed 1 or 0, document}, or false when there is no such job.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return false
end
local job = cjson.decode(found)
if (job.status ~= 'failed' and job.status ~= 'canceled') or tonumber(job.retries) ~= tonumber(ARGV[3]) then
  return { 0, found }
end
add(job, 'jobs', '1')
job.status = 'queued'
job.stage = 'queued'
job.percent = '0'
job.attempts = '0'
job.retries = string.format('%.0f', tonumber(job.retries) + 1)
job.error = nil
job.exhausted = nil
job.cancel = nil
job.startedAt = nil
job.finishedAt = nil
job.webhookStatus = nil
job.webhookAttempts = nil
enter(job, false)
local document = cjson.encode(job)
redis.call('HSET', KEYS[1], ARGV[1], document)
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('ZREM', KEYS[7], ARGV[1])
redis.call('ZREM', KEYS[8], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[1])
return { 1, document }
