-- Takes back expired leases, lets ended delays pass, forgets old jobs, then leases the first ready job.
-- KEYS 1 documents, 2 ready, 3 delayed, 4 leases, 5 created, 6 ended, 7 dead, 8 webhooks
-- ARGV 1 now (ms), 2 lease expiry (ms), 3 worker, 4 attempts at the most
-- Returns the document, or false when no job is ready.
local now = ARGV[1]

-- To the front of the line, since their viewers are watching already; from the last to the first, so that the one that expired first comes out first.
local expired = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', '0', '64')
for i = #expired, 1, -1 do
  local id = expired[i]
  redis.call('ZREM', KEYS[4], id)
  local found = redis.call('HGET', KEYS[1], id)
  if found then
    local job = cjson.decode(found)
    job.status = 'queued'
    job.error = 'The worker ' .. job.worker .. ' stopped answering.'
    redis.call('HSET', KEYS[1], id, cjson.encode(job))
    redis.call('LPUSH', KEYS[2], id)
  end
end

-- To the back of the line: an attempt that failed does not overtake jobs that have had none.
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', '0', '64')
for _, id in ipairs(due) do
  redis.call('ZREM', KEYS[3], id)
  redis.call('RPUSH', KEYS[2], id)
end

local old = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now, 'LIMIT', '0', '16')
for _, id in ipairs(old) do
  redis.call('ZREM', KEYS[6], id)
  redis.call('ZREM', KEYS[5], id)
  redis.call('ZREM', KEYS[7], id)
  redis.call('ZREM', KEYS[8], id)
  redis.call('HDEL', KEYS[1], id)
end

local id, found
repeat
  id = redis.call('LPOP', KEYS[2])
  if not id then
    return false
  end
  found = redis.call('HGET', KEYS[1], id)
-- A document that somebody removed by hand leaves its id behind.
until found

local job = cjson.decode(found)
job.status = 'running'
job.worker = ARGV[3]
job.token = string.format('%.0f', tonumber(job.token) + 1)
-- Beyond the last attempt it is leased only to be given up.
if tonumber(job.attempts) < tonumber(ARGV[4]) then
  job.attempts = string.format('%.0f', tonumber(job.attempts) + 1)
else
  job.exhausted = '1'
end
job.startedAt = job.startedAt or now
-- A retry by hand leaves it: the place of what is said on a live source is counted from here.
job.firstStartedAt = job.firstStartedAt or now
local document = cjson.encode(job)
redis.call('HSET', KEYS[1], id, document)
redis.call('ZADD', KEYS[4], ARGV[2], id)
return document
