-- Keeps the language that was detected.
-- KEYS 1 documents
-- ARGV 1 id, 2 token, 3 language
-- Returns 0 lost, 1 kept.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 0
end
local job = cjson.decode(found)
if job.status ~= 'running' or job.token ~= ARGV[2] then
  return 0
end
job.detectedLanguage = ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
return 1
