-- Appends events to a topic's log, atomically: fence, idempotence, epoch, offsets, trim, state, time to live, and the message on the
-- topic's channel.
--
-- KEYS  1 meta (hash)   2 log (list)   3 state (hash)   4 producer (string; the meta key again where there is no producer)   5 order of the
-- state (sorted set)
-- ARGV  1 epoch for a new log          2 events that the log holds
--       3 log's time to live, ms       4 meta's, ms        5 producer's, ms
--       6 first sequence number, or 0  7 the call's last   8 fencing token, or 0
--       9 sum of: 1 open an ended topic, 2 append only if the producer's number before the first is stored, 4 remove what was there before,
--         8 append also behind an end, which then stays one
--      10 check of stream.end when the topic is to end, else ''
--      11 header of stream.end        12 PUBLISH or SPUBLISH   13 channel
--      14 bytes of entries that the log holds, or 0 for any number
--      15… four an event: check, header, '' or + and a key to set or - and a key to remove, payload
-- Reply: one text of words: epoch, then three an event (and for stream.end): outcome, offset, check
--        outcome: p published, d duplicate, f fenced, e ended, o out of order
--
-- An entry of the log, and the message on the channel: "<epoch>-<offset>-<check> <header>\n<payload>".
-- Offsets are contiguous, so an entry's place in the list is arithmetic: index = offset - (tail - length + 1).
-- The list keeps one entry more than it offers for replay: the entry at a cursor proves that the cursor belongs to this log.
-- The state's order has the offset of each key's entry, so that a state can be read in pages, and be gone on with after any of them.

local call, tonumber, format = redis.call, tonumber, string.format
local args = ARGV
local meta, log, state, producer, order = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local first, last, fence, end_check = args[6], args[7], args[8], args[10]
local reopen, in_sequence, clear = args[9] % 2 == 1, args[9] % 4 >= 2, args[9] % 8 >= 4
local command, channel, most = args[12], args[13], tonumber(args[14])
local function number(n) return format('%d', n) end

-- Sequence numbers and fencing tokens may have more digits than a number of Lua holds, so they stay texts. How far two of them are apart is
-- exact wherever it matters: below 10^15.
local function minus(a, b)
    local function high(n) return tonumber(string.sub(n, 1, -16)) or 0 end
    return (high(a) - high(b)) * 1e15 + (string.sub(a, -15) - string.sub(b, -15))
end

local m = call('HMGET', meta, 'epoch', 'offset', 'check', 'fence', 'end', 'end_check', 'bytes')
local epoch, check = m[1], m[3]
local tail = tonumber(m[2] or 0)
local ended = tonumber(m[5] or 0)

-- What is appended behind an end has an end behind it again; a topic that is open stays open.
if tonumber(args[9]) >= 8 then
    reopen = true
    if ended == 0 then end_check = '' end
end

local tail_before, check_before = tail, check
local is_new = not epoch
if is_new then
    epoch = args[1]
    tail, ended = 0, 0
    call('DEL', log, state, order)
end

local reply, words = { epoch }, 1
local function answer(outcome, offset, its_check)
    reply[words + 1], reply[words + 2], reply[words + 3] = outcome, offset, its_check
    words = words + 3
end

local raises_fence = false
if fence ~= '0' then
    local above = minus(fence, m[4] or '0')
    if above < 0 then
        for _ = 15, #args, 4 do answer('f', number(tail), check or '0') end
        if end_check ~= '' then answer('f', number(tail), check or '0') end
        return table.concat(reply, ' ')
    end
    raises_fence = above > 0
end

-- How many of the call's numbers are stored. What a producer published in an earlier epoch of the log is gone with it, and must be taken
-- again.
local stored, is_early = 0, false
local last_offset, last_check = '0', '0'
local numbered = first ~= '0'
if numbered then
    local last_sequence = '0'
    local known = call('GET', producer)
    if known then
        local e, s, o, c = string.match(known, '^(%w+) (%d+) (%d+) (%x+)$')
        if e == epoch then
            last_sequence, last_offset, last_check = s, o, c
        end
    end
    stored = minus(last_sequence, first) + 1
    -- One that overtook its predecessor must not be stored: the predecessor would then pass for a duplicate, and be lost.
    is_early = in_sequence and stored < 0
end

local appended, length, bytes = 0, 0, 0
local offset_text
local function append(new_check, header, payload)
    -- Offsets go on, as behind a log that has expired.
    if clear and appended == 0 then
        call('DEL', log, state, order)
    end
    tail = tail + 1
    check = new_check
    appended = appended + 1
    offset_text = number(tail)
    local entry = epoch .. '-' .. offset_text .. '-' .. new_check .. ' ' .. header .. '\n' .. payload
    bytes = bytes + #entry
    length = call('RPUSH', log, entry)
    call(command, channel, entry)
    answer('p', offset_text, new_check)
    return entry
end

local index, keyed = 0, false
for i = 15, #args, 4 do
    index = index + 1
    if index <= stored then
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
            local key = string.sub(args[i + 2], 2)
            if string.sub(args[i + 2], 1, 1) == '+' then
                call('HSET', state, key, entry)
                call('ZADD', order, offset_text, key)
            else
                call('HDEL', state, key)
                call('ZREM', order, key)
            end
            keyed = true
        end
        last_offset, last_check = offset_text, check
    end
end

if end_check ~= '' then
    -- A call that is repeated whole has ended the topic the first time, and somebody may have opened it again since. An end without events
    -- has the call's number itself.
    if numbered and stored >= math.max(index, 1) then
        answer('d', last_offset, last_check)
    elseif ended > 0 then
        answer('e', number(ended), m[6])
    elseif is_early then
        answer('o', number(tail), check or '0')
    else
        append(end_check, args[11], '{}')
        call('HSET', meta, 'end', offset_text, 'end_check', end_check)
        if index == 0 then last_offset, last_check = offset_text, check end
    end
end

-- How many of the newest entries, at least two, are within a number of bytes, and how many bytes those have. In steps, since the log may be
-- much larger than that.
local function within(limit)
    local count, size = 0, 0
    while count < length do
        local part = call('LRANGE', log, -count - 16, -count - 1)
        for i = #part, 1, -1 do
            if count >= 2 and size + #part[i] > limit then return count, size end
            count, size = count + 1, size + #part[i]
        end
    end
    return count, size
end

-- Trims by bytes as well, which are counted beside the log for as long as there is a limit.
local function trim(held)
    if length > appended then
        if m[7] then
            bytes = bytes + m[7]
        else
            local count
            count, bytes = within(most)
            if count < length then call('LTRIM', log, -count, -1) end
            length = count
        end
    end
    while length > 2 and (length > held or bytes > most) do
        bytes = bytes - #call('LPOP', log)
        length = length - 1
    end
    call('HSET', meta, 'bytes', number(bytes))
end

if appended > 0 then
    if numbered then
        call('SET', producer, epoch .. ' ' .. last .. ' ' .. last_offset .. ' ' .. last_check, 'PX', args[5])
    end
    if is_new then
        call('HSET', meta, 'epoch', epoch, 'offset', offset_text, 'check', check)
    else
        call('HSET', meta, 'offset', offset_text, 'check', check)
        if length == appended and tail_before > 0 then
            -- The log had expired: remember what stood before it, to prove the cursor of a client that had everything.
            call('HSET', meta, 'base', number(tail_before), 'base_check', check_before)
        end
    end
    local held = args[2] + 1
    if most > 0 then
        trim(held)
    elseif length > held then
        call('LTRIM', log, -held, -1)
    end
    if most == 0 and m[7] then
        call('HDEL', meta, 'bytes')
    end
    -- The lives set here are an eighth longer than promised, so that they need not be renewed at each call; how much of them is left, the
    -- server's clock says.
    local is_due = call('PTTL', log) < tonumber(args[3])
    local meta_life = number(math.floor(args[4] * 9 / 8))
    if is_due then
        call('PEXPIRE', log, number(math.floor(args[3] * 9 / 8)))
        call('PEXPIRE', meta, meta_life)
    end
    if is_due or keyed then
        call('PEXPIRE', state, meta_life)
        call('PEXPIRE', order, meta_life)
    end
end
if raises_fence and not (is_new and appended == 0) then
    call('HSET', meta, 'fence', fence)
end
return table.concat(reply, ' ')
