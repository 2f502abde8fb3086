-- Takes a job from whoever has it and out of every list, for the caller to delete. Until that is done the caller has its lease: should the
-- caller die, a worker gets the job and goes on.
-- KEYS 1 documents, 2 waiting, 3 delayed, 4 leases, 5 created, 6 ended, 7 dead, 8 webhooks, 9 owned, 10 turns, 11 owners
-- ARGV 1 id, 2 lease expiry (ms), 3 the caller's name
-- Returns the document, or false when there is no such job.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return false
end
local job = cjson.decode(found)
if not job.deleted and (job.status == 'queued' or job.status == 'running' or job.status == 'retrying') then
  add(job, 'jobs', '-1')
end
leave(job)
for _, key in ipairs({ 3, 5, 6, 7, 8 }) do
  redis.call('ZREM', KEYS[key], ARGV[1])
end
if job.owned then
  redis.call('ZREM', KEYS[9], job.owned)
end
job.status = 'running'
job.deleted = '1'
job.cancel = nil
job.worker = ARGV[3]
job.token = string.format('%.0f', tonumber(job.token) + 1)
redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1])
local document = cjson.encode(job)
redis.call('HSET', KEYS[1], ARGV[1], document)
return document
