-- Counts media that came after the submission for the job's owner, once a piece, as long as that has not too much.
-- KEYS 1 documents, 11 owners
-- ARGV 1 id, 2 the piece's number from 0, 3 its bytes, 4 the owner's bytes at the most
-- Returns 0 no such job, 1 counted (now or before), 3 too many bytes.
local found = redis.call('HGET', KEYS[1], ARGV[1])
if not found then
  return 0
end
local job = cjson.decode(found)
if job.deleted then
  return 0
end
-- One that comes again is counted already. One that is ahead is not taken by the store.
if tonumber(ARGV[2]) ~= tonumber(job.mediaPieces or '0') then
  return 1
end
if tonumber(redis.call('HGET', KEYS[11], of_owner(job, 'bytes')) or '0') + tonumber(ARGV[3]) > tonumber(ARGV[4]) then
  return 3
end
add(job, 'bytes', ARGV[3])
job.mediaPieces = string.format('%.0f', tonumber(ARGV[2]) + 1)
job.mediaBytes = string.format('%.0f', tonumber(job.mediaBytes or '0') + tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(job))
return 1
