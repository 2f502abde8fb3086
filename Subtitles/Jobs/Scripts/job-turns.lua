-- What several scripts share: the fair queue, and what each owner has.
-- KEYS 2 waiting, 10 turns, 11 owners
--
-- A job that waits has a turn. An owner's jobs have turns one apart, counted from the turn that is served now: so however many one owner
-- has
-- submitted, the job of another is at most one turn away. Jobs of one turn come in the order in which they entered, which their names begin
-- with.
local function of_owner(job, name)
  return (job.ownerKey or '') .. ':' .. name
end

local function enter(job, is_first)
  local turn = 0
  if not is_first then
    local served = tonumber(redis.call('HGET', KEYS[10], 'served') or '0')
    local own = tonumber(redis.call('HGET', KEYS[10], of_owner(job, 'turn')) or '0')
    turn = math.max(served, own) + 1
    redis.call('HSET', KEYS[10], of_owner(job, 'turn'), string.format('%.0f', turn))
  end
  local number = string.format('%.0f', redis.call('HINCRBY', KEYS[10], 'entered', '1'))
  job.place = string.rep('0', 16 - #number) .. number .. ':' .. job.id
  redis.call('ZADD', KEYS[2], string.format('%.0f', turn), job.place)
end

local function leave(job)
  if job.place then
    redis.call('ZREM', KEYS[2], job.place)
    job.place = nil
  end
end

-- Adds to a sum of the owner's; sums that are nothing take no memory.
local function add(job, name, amount)
  if redis.call('HINCRBY', KEYS[11], of_owner(job, name), amount) <= 0 then
    redis.call('HDEL', KEYS[11], of_owner(job, name))
  end
end
