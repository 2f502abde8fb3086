-- Leases a waiting job to the caller, who ends it; flags a running one for its worker.
-- KEYS 1 documents, 2 waiting, 3 delayed, 4 leases
-- ARGV 1 id, 2 lease expiry (ms), 3 the caller's name
-- Returns {0}: no such job; {1, document}: leased; {2, document}: flagged; {3, document}: had ended.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return { 0 }
end
local job = cjson.decode(found)
if job.deleted then
  return { 0 }
end
local outcome = 1
if job.status == 'running' then
  outcome = 2
elseif job.status ~= 'queued' and job.status ~= 'retrying' then
  return { 3, found }
end

job.cancel = '1'
if outcome == 1 then
  leave(job)
  redis.call('ZREM', KEYS[3], ARGV[1])
  job.status = 'running'
  job.worker = ARGV[3]
  job.token = string.format('%.0f', tonumber(job.token) + 1)
  redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1])
end
local document = cjson.encode(job)
redis.call('HSET', KEYS[1], ARGV[1], document)
return { outcome, document }
