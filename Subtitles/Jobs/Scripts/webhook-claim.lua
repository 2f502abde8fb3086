-- Takes the webhook that has been due longest, for as long as one try may take: should the taker die, it is due again then.
-- KEYS 1 documents, 8 webhooks
-- ARGV 1 now (ms), 2 when it is due again (ms)
-- Returns {attempt, document}, or false when none is due.
while true do
  local due = redis.call('ZRANGEBYSCORE', KEYS[8], '-inf', ARGV[1], 'LIMIT', '0', '1')
  local id = due[1]
  if not id then
    return false
  end
  local found = redis.call('HGET', KEYS[1], id)
  if found then
    local job = cjson.decode(found)
    job.webhookAttempts = string.format('%.0f', tonumber(job.webhookAttempts) + 1)
    local document = cjson.encode(job)
    redis.call('HSET', KEYS[1], id, document)
    redis.call('ZADD', KEYS[8], ARGV[2], id)
    return { job.webhookAttempts, document }
  end
  -- A document that somebody removed by hand leaves its id behind.
  redis.call('ZREM', KEYS[8], id)
end
