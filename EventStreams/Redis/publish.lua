-- Appends events to a topic's log, atomically: fence, idempotence, epoch, offsets, trim, state, time to live, and the message on the topic's channel.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash)   4 producer (string; the meta key again where there is no producer)
-- ARGV  1 epoch for a new log          2 now, ms           3 events that the log holds
--       4 log's time to live, ms       5 meta's, ms        6 producer's, ms
--       7 first sequence number, or 0  8 fencing token, or 0
--       9 reopen, 0 or 1              10 check of stream.end when the topic is to end, else ''
--      11 header of stream.end        12 PUBLISH or SPUBLISH   13 channel
--      14… four an event: check, header, key or '', payload
-- Reply: epoch, then three an event (and for stream.end): outcome, offset, check
--
-- An entry of the log, and the message on the channel: "<epoch>-<offset>-<check> <header>\n<payload>".
-- Offsets have no holes, so an entry's place in the list is arithmetic: index = offset - (tail - length + 1).
-- The list keeps one entry more than it offers for replay: the entry at a cursor proves that the cursor belongs to this log.

local meta, log, state, producer = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now, max_length, log_ttl, meta_ttl = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local sequence, fence, reopen, end_check = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1', ARGV[10]
local command, channel = ARGV[12], ARGV[13]

local m = redis.call('HMGET', meta, 'epoch', 'offset', 'check', 'fence', 'end', 'end_check', 'renew')
local epoch, check = m[1], m[3]
local tail = tonumber(m[2] or '0')
local ended = tonumber(m[5] or '0')
local function number(n) return string.format('%.0f', n) end

if fence > 0 and fence < tonumber(m[4] or '0') then
    local reply = { epoch }
    for _ = 14, #ARGV, 4 do
        reply[#reply + 1] = 'fenced'
        reply[#reply + 1] = number(tail)
        reply[#reply + 1] = check or '0'
    end
    if end_check ~= '' then
        reply[#reply + 1] = 'fenced'
        reply[#reply + 1] = number(tail)
        reply[#reply + 1] = check or '0'
    end
    return reply
end

local tail_before, check_before = tail, check
local is_new = not epoch
if is_new then
    epoch = ARGV[1]
    tail, ended = 0, 0
    redis.call('DEL', log, state)
end

-- What a producer published in an earlier life of the log is gone with it, and must be taken again.
local last_sequence, last_offset, last_check = 0, '0', '0'
if sequence > 0 then
    local last = redis.call('GET', producer)
    if last then
        local e, s, o, c = string.match(last, '^(%w+) (%d+) (%d+) (%x+)$')
        if e == epoch then
            last_sequence, last_offset, last_check = tonumber(s), o, c
        end
    end
end

local reply = { epoch }
local appended = 0
local length = 0

local function append(new_check, header, payload)
    tail = tail + 1
    check = new_check
    appended = appended + 1
    local entry = epoch .. '-' .. number(tail) .. '-' .. new_check .. ' ' .. header .. '\n' .. payload
    length = redis.call('RPUSH', log, entry)
    redis.call(command, channel, entry)
    reply[#reply + 1] = 'published'
    reply[#reply + 1] = number(tail)
    reply[#reply + 1] = new_check
    return entry
end

local keyed = false
for i = 14, #ARGV, 4 do
    if sequence > 0 and sequence <= last_sequence then
        reply[#reply + 1] = 'duplicate'
        reply[#reply + 1] = last_offset
        reply[#reply + 1] = last_check
        sequence = sequence + 1
    elseif ended > 0 and not reopen then
        reply[#reply + 1] = 'ended'
        reply[#reply + 1] = number(ended)
        reply[#reply + 1] = m[6]
    else
        -- Only an event that is appended opens the topic again; a repeated call must not undo an end that came after it.
        if ended > 0 then
            ended = 0
            redis.call('HDEL', meta, 'end', 'end_check')
        end
        local entry = append(ARGV[i], ARGV[i + 1], ARGV[i + 3])
        if ARGV[i + 2] ~= '' then
            redis.call('HSET', state, ARGV[i + 2], entry)
            keyed = true
        end
        if sequence > 0 then
            redis.call('SET', producer, epoch .. ' ' .. number(sequence) .. ' ' .. number(tail) .. ' ' .. check, 'PX', ARGV[6])
            sequence = sequence + 1
        end
    end
end

if end_check ~= '' then
    if ended > 0 then
        reply[#reply + 1] = 'ended'
        reply[#reply + 1] = number(ended)
        reply[#reply + 1] = m[6]
    else
        append(end_check, ARGV[11], '{}')
        ended = tail
        redis.call('HSET', meta, 'end', number(ended), 'end_check', end_check)
    end
end

if appended > 0 then
    redis.call('HSET', meta, 'epoch', epoch, 'offset', number(tail), 'check', check)
    if length == appended and tail_before > 0 and not is_new then
        -- The log had expired: remember what stood before it, to prove the cursor of a client that had everything.
        redis.call('HSET', meta, 'base', number(tail_before), 'base_check', check_before)
    end
    if length > max_length + 1 then
        redis.call('LTRIM', log, -(max_length + 1), -1)
    end
    -- Renewed only now and then, since it costs three commands: the lives set here are an eighth longer than promised.
    local is_due = is_new or now >= tonumber(m[7] or '0') or length == appended
    if is_due then
        redis.call('HSET', meta, 'renew', number(now + log_ttl / 8))
        redis.call('PEXPIRE', log, number(log_ttl * 9 / 8))
        redis.call('PEXPIRE', meta, number(meta_ttl * 9 / 8))
    end
    if is_due or keyed then
        redis.call('PEXPIRE', state, number(meta_ttl * 9 / 8))
    end
end
if fence > tonumber(m[4] or '0') and not (is_new and appended == 0) then
    redis.call('HSET', meta, 'fence', number(fence))
end
return reply
