-- Ends an attempt badly: another follows after a delay, or the job is given up.
-- KEYS 1 documents, 3 delayed, 4 leases, 6 ended, 7 dead, 8 webhooks, 11 owners
-- ARGV 1 id, 2 token, 3 now (ms), 4 when to forget it (ms), 5 reason, 6 '1' when another attempt may help, 7 attempts at the most, 8 first
-- delay (ms), 9 longest delay (ms)
-- Returns {will retry 1 or 0, delay in ms}, or false when the lease was lost.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return false
end
local job = cjson.decode(found)
if job.token ~= ARGV[2] then
  return false
end
-- Repeats of a call whose answer was lost.
if job.status == 'failed' then
  return { 0, 0 }
end
if job.status == 'retrying' then
  return { 1, tonumber(job.delay) }
end
if job.status ~= 'running' then
  return false
end

local now = tonumber(ARGV[3])
local attempts = tonumber(job.attempts)
job.error = ARGV[5]
redis.call('ZREM', KEYS[4], ARGV[1])

if ARGV[6] == '1' and attempts < tonumber(ARGV[7]) then
  local delay = tonumber(ARGV[8])
  local longest = tonumber(ARGV[9])
  for _ = 2, attempts do
    delay = math.min(delay * 2, longest)
  end
  -- Whoever comes next only has to say that it is canceled: no reason to wait.
  if job.cancel == '1' then
    delay = 0
  end
  job.status = 'retrying'
  job.delay = string.format('%.0f', delay)
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
  redis.call('ZADD', KEYS[3], string.format('%.0f', now + delay), ARGV[1])
  return { 1, delay }
end

job.status = 'failed'
job.cancel = nil
add(job, 'jobs', '-1')
job.finishedAt = ARGV[3]
if job.webhook then
  job.webhookStatus = 'pending'
  job.webhookAttempts = '0'
  redis.call('ZADD', KEYS[8], ARGV[3], ARGV[1])
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
redis.call('ZADD', KEYS[6], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[7], ARGV[3], ARGV[1])
return { 0, 0 }
