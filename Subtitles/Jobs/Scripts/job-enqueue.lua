-- Stores a job and makes it ready, once per id and once per idempotency key, as long as its owner has not too much.
-- KEYS 1 documents, 2 waiting, 5 created, 9 owned, 10 turns, 11 owners, 12 idempotency (only when a key was given)
-- ARGV 1 id, 2 document, 3 created (microseconds), 4 idempotency time to live (ms), 5 wake-up channel, 6 place in the owner's list, 7 the
-- owner's jobs at the most, 8 the owner's bytes at the most
-- Returns {1, document}: this call's job; {0, document}: an earlier one; {2}: too many jobs; {3}: too many bytes.
local id = ARGV[1]

if KEYS[12] then
  local earlier = redis.call('GET', KEYS[12])
  if earlier and earlier ~= id then
    local document = redis.call('HGET', KEYS[1], earlier)
    -- A key may outlive the job that it named; then it is free again.
    if document and not cjson.decode(document).deleted then
      return { 0, document }
    end
  end
end

-- The same id again is a repeat of a call whose answer was lost.
local document = redis.call('HGET', KEYS[1], id)
if document then
  return { 1, document }
end

local job = cjson.decode(ARGV[2])
if tonumber(redis.call('HGET', KEYS[11], of_owner(job, 'jobs')) or '0') >= tonumber(ARGV[7]) then
  return { 2 }
end
if job.bytes and tonumber(redis.call('HGET', KEYS[11], of_owner(job, 'bytes')) or '0') + tonumber(job.bytes) > tonumber(ARGV[8]) then
  return { 3 }
end

if KEYS[12] then
  redis.call('SET', KEYS[12], id, 'PX', ARGV[4])
end
add(job, 'jobs', '1')
if job.bytes then
  add(job, 'bytes', job.bytes)
end
enter(job, false)
document = cjson.encode(job)
redis.call('HSET', KEYS[1], id, document)
redis.call('ZADD', KEYS[5], ARGV[3], id)
redis.call('ZADD', KEYS[9], '0', ARGV[6])
redis.call('PUBLISH', ARGV[5], id)
return { 1, document }
