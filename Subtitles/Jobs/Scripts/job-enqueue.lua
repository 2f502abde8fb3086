-- Stores a job and makes it ready, once per id and once per idempotency key.
-- KEYS 1 documents, 2 ready, 5 created, 9 idempotency (only when a key was given)
-- ARGV 1 id, 2 document, 3 created (microseconds), 4 idempotency time to live (ms), 5 wake-up channel
-- Returns {1 when it is this call's job or 0, document}.
local id = ARGV[1]

if KEYS[9] then
  local earlier = redis.call('GET', KEYS[9])
  if earlier and earlier ~= id then
    local document = redis.call('HGET', KEYS[1], earlier)
    -- A key may outlive the job that it named; then it is free again.
    if document then
      return { 0, document }
    end
  end
  redis.call('SET', KEYS[9], id, 'PX', ARGV[4])
end

-- The same id again is a repeat of a call whose answer was lost.
local document = redis.call('HGET', KEYS[1], id)
if document then
  return { 1, document }
end

redis.call('HSET', KEYS[1], id, ARGV[2])
redis.call('ZADD', KEYS[5], ARGV[3], id)
redis.call('RPUSH', KEYS[2], id)
redis.call('PUBLISH', ARGV[5], id)
return { 1, ARGV[2] }
