-- Appends events to a topic's log, atomically: fence, idempotence, epoch, offsets, trim, state, time to live, and the message on the topic's channel.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash)   4 producer (string; the meta key again where there is no producer)
-- ARGV  1 epoch for a new log          2 now, ms           3 events that the log holds
--       4 log's time to live, ms       5 meta's, ms        6 producer's, ms
--       7 first sequence number, or 0  8 fencing token, or 0
--       9 sum of: 1 open an ended topic, 2 append only if the producer's number before the first is stored
--      10 check of stream.end when the topic is to end, else ''
--      11 header of stream.end        12 PUBLISH or SPUBLISH   13 channel
--      14… four an event: check, header, key or '', payload
-- Reply: one text of words: epoch, then three an event (and for stream.end): outcome, offset, check
--        outcome: p published, d duplicate, f fenced, e ended, o out of order
--
-- An entry of the log, and the message on the channel: "<epoch>-<offset>-<check> <header>\n<payload>".
-- Offsets have no holes, so an entry's place in the list is arithmetic: index = offset - (tail - length + 1).
-- The list keeps one entry more than it offers for replay: the entry at a cursor proves that the cursor belongs to this log.

local call, tonumber, format = redis.call, tonumber, string.format
local args = ARGV
local meta, log, state, producer = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local sequence, fence, flags, end_check = tonumber(args[7]), tonumber(args[8]), tonumber(args[9]), args[10]
local reopen, in_sequence = flags % 2 == 1, flags >= 2
local command, channel = args[12], args[13]

local m = call('HMGET', meta, 'epoch', 'offset', 'check', 'fence', 'end', 'end_check', 'renew')
local epoch, check = m[1], m[3]
local tail = tonumber(m[2] or 0)
local ended = tonumber(m[5] or 0)
local known_fence = tonumber(m[4] or 0)
local function number(n) return format('%d', n) end

local tail_before, check_before = tail, check
local is_new = not epoch
if is_new then
    epoch = args[1]
    tail, ended = 0, 0
    call('DEL', log, state)
end

local reply, words = { epoch }, 1
local function answer(outcome, offset, its_check)
    reply[words + 1], reply[words + 2], reply[words + 3] = outcome, offset, its_check
    words = words + 3
end

if fence > 0 and fence < known_fence then
    for _ = 14, #args, 4 do answer('f', number(tail), check or '0') end
    if end_check ~= '' then answer('f', number(tail), check or '0') end
    return table.concat(reply, ' ')
end

-- What a producer published in an earlier life of the log is gone with it, and must be taken again.
local last_sequence, last_offset, last_check = 0, '0', '0'
if sequence > 0 then
    local last = call('GET', producer)
    if last then
        local e, s, o, c = string.match(last, '^(%w+) (%d+) (%d+) (%x+)$')
        if e == epoch then
            last_sequence, last_offset, last_check = tonumber(s), o, c
        end
    end
end
-- One that overtook its predecessor must not be stored: the predecessor would then pass for a duplicate, and be lost.
local is_early = in_sequence and sequence > last_sequence + 1

local appended, length = 0, 0
local offset_text
local function append(new_check, header, payload)
    tail = tail + 1
    check = new_check
    appended = appended + 1
    offset_text = number(tail)
    local entry = epoch .. '-' .. offset_text .. '-' .. new_check .. ' ' .. header .. '\n' .. payload
    length = call('RPUSH', log, entry)
    call(command, channel, entry)
    answer('p', offset_text, new_check)
    return entry
end

local keyed, numbered = false, false
for i = 14, #args, 4 do
    if sequence > 0 and sequence <= last_sequence then
        answer('d', last_offset, last_check)
    elseif ended > 0 and not reopen then
        answer('e', number(ended), m[6])
    elseif is_early then
        answer('o', number(tail), check or '0')
    else
        -- Only an event that is appended opens the topic again; a repeated call must not undo an end that came after it.
        if ended > 0 then
            ended = 0
            call('HDEL', meta, 'end', 'end_check')
        end
        local entry = append(args[i], args[i + 1], args[i + 3])
        if args[i + 2] ~= '' then
            call('HSET', state, args[i + 2], entry)
            keyed = true
        end
        if sequence > 0 then
            last_sequence, last_offset, last_check = sequence, offset_text, check
            numbered = true
        end
    end
    if sequence > 0 then sequence = sequence + 1 end
end
if numbered then
    call('SET', producer, epoch .. ' ' .. number(last_sequence) .. ' ' .. last_offset .. ' ' .. last_check, 'PX', args[6])
end

if end_check ~= '' then
    if ended > 0 then
        answer('e', number(ended), m[6])
    elseif is_early then
        answer('o', number(tail), check or '0')
    else
        append(end_check, args[11], '{}')
        ended = tail
        call('HSET', meta, 'end', offset_text, 'end_check', end_check)
    end
end

if appended > 0 then
    if is_new then
        call('HSET', meta, 'epoch', epoch, 'offset', offset_text, 'check', check)
    else
        call('HSET', meta, 'offset', offset_text, 'check', check)
        if length == appended and tail_before > 0 then
            -- The log had expired: remember what stood before it, to prove the cursor of a client that had everything.
            call('HSET', meta, 'base', number(tail_before), 'base_check', check_before)
        end
    end
    local held = args[3] + 1
    if length > held then
        call('LTRIM', log, -held, -1)
    end
    -- Renewed only now and then, since it costs three commands: the lives set here are an eighth longer than promised.
    local now = tonumber(args[2])
    local is_due = is_new or now >= tonumber(m[7] or 0) or length == appended
    local meta_life = number(math.floor(args[5] * 9 / 8))
    if is_due then
        call('HSET', meta, 'renew', number(math.floor(now + args[4] / 8)))
        call('PEXPIRE', log, number(math.floor(args[4] * 9 / 8)))
        call('PEXPIRE', meta, meta_life)
    end
    if is_due or keyed then
        call('PEXPIRE', state, meta_life)
    end
end
if fence > known_fence and not (is_new and appended == 0) then
    call('HSET', meta, 'fence', number(fence))
end
return table.concat(reply, ' ')
