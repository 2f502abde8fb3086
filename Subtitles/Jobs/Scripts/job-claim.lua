-- Takes back expired leases, lets ended delays pass, forgets old jobs, then leases the first ready job.
-- KEYS 1 documents, 2 waiting, 3 delayed, 4 leases, 5 created, 6 ended, 7 dead, 8 webhooks, 9 owned, 10 turns, 11 owners
-- ARGV 1 now (ms), 2 lease expiry (ms), 3 worker, 4 attempts at the most
-- Returns the document, or false when no job is ready.
local now = ARGV[1]

-- To the front of the line, since their viewers are watching already; the one that expired first comes out first.
local expired = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', '0', '64')
for _, id in ipairs(expired) do
  redis.call('ZREM', KEYS[4], id)
  local found = redis.call('HGET', KEYS[1], id)
  if found then
    local job = cjson.decode(found)
    job.status = 'queued'
    job.error = 'The worker ' .. job.worker .. ' stopped answering.'
    enter(job, true)
    redis.call('HSET', KEYS[1], id, cjson.encode(job))
  end
end

-- To the back of their owner's line: an attempt that failed does not overtake jobs that have had none.
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', '0', '64')
for _, id in ipairs(due) do
  redis.call('ZREM', KEYS[3], id)
  local found = redis.call('HGET', KEYS[1], id)
  if found then
    local job = cjson.decode(found)
    enter(job, false)
    redis.call('HSET', KEYS[1], id, cjson.encode(job))
  end
end

local old = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now, 'LIMIT', '0', '16')
for _, id in ipairs(old) do
  redis.call('ZREM', KEYS[6], id)
  redis.call('ZREM', KEYS[5], id)
  redis.call('ZREM', KEYS[7], id)
  redis.call('ZREM', KEYS[8], id)
  local found = redis.call('HGET', KEYS[1], id)
  if found then
    local job = cjson.decode(found)
    if job.owned then
      redis.call('ZREM', KEYS[9], job.owned)
    end
    if job.bytes then
      add(job, 'bytes', '-' .. job.bytes)
    end
    if job.mediaBytes then
      add(job, 'bytes', '-' .. job.mediaBytes)
    end
    redis.call('HDEL', KEYS[1], id)
  end
end

local id, found, turn
repeat
  local place = redis.call('ZRANGE', KEYS[2], '0', '0')[1]
  if not place then
    -- Nobody waits, so that nobody's turn is later than another's.
    redis.call('DEL', KEYS[10])
    return false
  end
  turn = tonumber(redis.call('ZSCORE', KEYS[2], place))
  redis.call('ZREM', KEYS[2], place)
  id = string.sub(place, 18)
  found = redis.call('HGET', KEYS[1], id)
-- A document that somebody removed by hand leaves its id behind.
until found

local job = cjson.decode(found)
job.place = nil
if turn > 0 then
  redis.call('HSET', KEYS[10], 'served', string.format('%.0f', turn))
  if tonumber(redis.call('HGET', KEYS[10], of_owner(job, 'turn')) or '0') <= turn then
    redis.call('HDEL', KEYS[10], of_owner(job, 'turn'))
  end
end
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
