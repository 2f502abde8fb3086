-- Renews a lease and shows progress. A lease that has expired but was not taken back yet is still good.
-- KEYS 1 documents, 4 leases
-- ARGV 1 id, 2 token, 3 lease expiry (ms), 4 stage, 5 percent, 6 engine or ''
-- Returns 0 lost, 1 held, 2 held and cancel requested.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 0
end
local job = cjson.decode(found)
if job.status ~= 'running' or job.token ~= ARGV[2] then
  return 0
end
job.stage = ARGV[4]
job.percent = ARGV[5]
if ARGV[6] ~= '' then
  job.engine = ARGV[6]
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
if job.cancel == '1' then
  return 2
end
return 1
