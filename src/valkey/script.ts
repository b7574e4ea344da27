// Multi-step operations, which run on the server as one step. Keys reach them through KEYS alone.
import { createHash } from 'node:crypto';

/** A script, which the server keeps under its hash once it has seen it. */
export interface Script {
  readonly sha: string;
  readonly text: string;
  /** Whether it may change the value of a key. */
  readonly changes: boolean;
}

/** What all scripts share: the head of a value, and whether it counts as present. */
const PRELUDE = `
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + t[2] / 1000
end
local function fresh_until(head)
  if #head < 18 or string.sub(head, 1, 2) ~= 'S\\1' then return 0 end
  return (struct.unpack('>d', string.sub(head, 11, 18)))
end
-- The type of what the key holds and the head of a value; nil if it is missing, or kept only for readers of stale values.
local function present(key)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return nil end
  if kind ~= 'string' then return kind end
  local head = redis.call('GETRANGE', key, 0, 18)
  local till = fresh_until(head)
  if till ~= 0 and till <= now_ms() then return nil end
  return kind, head
end
local function checked(key, most)
  local size = redis.call('STRLEN', key)
  if size > tonumber(most) then error({ err = 'SHMTOOLARGE ' .. size }) end
  return redis.call('GET', key)
end
-- Milliseconds left; 0: never expires.
local function left(key, head)
  local till = head and fresh_until(head) or 0
  if till ~= 0 then return math.max(1, math.floor(till - now_ms())) end
  local ttl = redis.call('PTTL', key)
  if ttl == -1 then return 0 end
  return math.max(1, ttl)
end
-- ttl: milliseconds, 0 never, -1 as it was, -2 past
local function store(key, value, ttl, head)
  ttl = tonumber(ttl)
  if ttl == -2 then redis.call('DEL', key) return end
  if ttl == -1 then ttl = head and left(key, head) or 0 end
  if ttl == 0 then redis.call('SET', key, value) else redis.call('SET', key, value, 'PX', string.format('%.0f', ttl)) end
end
local function wrong_type() error({ err = 'WRONGTYPE the value has another type' }) end
`;

function script(body: string, changes = false): Script {
  const text = PRELUDE + body;
  return { text, sha: createHash('sha1').update(text).digest('hex'), changes };
}

function changing(body: string): Script {
  return script(body, true);
}

/** KEYS: key. ARGV: most bytes, '1' to read stale values. Returns value, ms left, 1 if stale; or nil. */
export const READ = script(`
local kind, head = present(KEYS[1])
if kind then
  local value = checked(KEYS[1], ARGV[1])
  return { value, left(KEYS[1], head), 0 }
end
if ARGV[2] ~= '1' then return false end
local value = checked(KEYS[1], ARGV[1])
return value and { value, 1, 1 }
`);

/** KEYS: key. ARGV: most bytes. Returns which server answers, value, ms left; without the latter two if the key is missing. */
export const FETCH = script(`
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local kind, head = present(KEYS[1])
if not kind then return { server } end
local value = checked(KEYS[1], ARGV[1])
return { server, value, left(KEYS[1], head) }
`);

/** KEYS: key. ARGV: value, ttl, condition, '1' to return the previous value, most bytes. Returns whether it stored, previous. */
export const WRITE = changing(`
local kind, head = present(KEYS[1])
local condition = ARGV[3]
if condition == 'absent' and kind then return { 0 } end
if condition == 'present' and not kind then return { 0 } end
if string.sub(condition, 1, 1) == 'v' then
  local version = string.sub(condition, 2)
  if version == string.rep('\\0', 8) then
    if kind then return { 0 } end
  elseif kind ~= 'string' or string.sub(head, 3, 10) ~= version then
    return { 0 }
  end
end
local previous = false
if ARGV[4] == '1' and kind then previous = checked(KEYS[1], ARGV[5]) end
store(KEYS[1], ARGV[1], ARGV[2], head)
return { 1, previous }
`);

/** KEYS: key, lease. ARGV: version or '', '1' to return the value, most bytes. Returns whether it removed the key, value. */
export const REMOVE = changing(`
local kind, head = present(KEYS[1])
if ARGV[1] ~= '' then
  if ARGV[1] == string.rep('\\0', 8) or kind ~= 'string' or string.sub(head, 3, 10) ~= ARGV[1] then return { 0 } end
end
local value = false
if kind and ARGV[2] == '1' then value = checked(KEYS[1], ARGV[3]) end
redis.call('DEL', KEYS[1], KEYS[2])
return { kind and 1 or 0, value }
`);

/** KEYS: key. ARGV: ttl, '1' to return the value, most bytes. Returns whether the key exists, value. */
export const EXPIRE = changing(`
local kind, head = present(KEYS[1])
if not kind then return { 0 } end
local value = false
if ARGV[2] == '1' then value = checked(KEYS[1], ARGV[3]) end
local ttl = tonumber(ARGV[1])
if ttl == -2 then redis.call('DEL', KEYS[1]) return { 1, value } end
if kind == 'string' and fresh_until(head) ~= 0 then redis.call('SETRANGE', KEYS[1], 10, string.rep('\\0', 8)) end
if ttl == 0 then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ttl)) end
return { 1, value }
`);

const LISTING = `
local items = redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])
local size = 0
for _, item in ipairs(items) do size = size + #item end
if size > tonumber(ARGV[3]) then error({ err = 'SHMTOOLARGE ' .. size }) end
if ARGV[4] and items[1] then redis.call(ARGV[4], KEYS[1]) end
return items
`;

/** KEYS: list. ARGV: index of the first and the last item, most bytes. Returns items. */
export const ITEMS = script(LISTING);

/** The same for one item, with the command that removes it. */
export const POP = changing(LISTING);

/** KEYS: key. Returns the type and the tag of a value, ms left; or nil. */
export const LOOK = script(`
local kind, head = present(KEYS[1])
if not kind then return false end
return { kind, kind == 'string' and string.sub(head, 19, 19) or '', left(KEYS[1], head) }
`);

/** KEYS: key. Removes a value that is kept only for readers of stale values; returns whether it did. */
export const SWEEP = script(`
if present(KEYS[1]) then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** KEYS: key, lease. ARGV: token, ms, most bytes. Returns 'value' and what READ returns; 'lease'; or 'wait' and ms. */
export const ACQUIRE = script(`
local kind, head = present(KEYS[1])
if kind then
  local value = checked(KEYS[1], ARGV[3])
  return { 'value', value, left(KEYS[1], head), 0 }
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 'lease' } end
return { 'wait', redis.call('PTTL', KEYS[2]) }
`);

/** KEYS: lease. ARGV: token, ms. Returns whether the lease was still the caller's; 0 ms gives it back. */
export const RENEW = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** KEYS: key, lease. ARGV: token, value, ttl, ms to serve it stale. Stores under the lease and gives it back. */
export const FILL = changing(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if present(KEYS[1]) then return 0 end
local value, ttl, stale = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if stale > 0 and ttl > 0 then
  value = string.sub(value, 1, 10) .. struct.pack('>d', now_ms() + ttl) .. string.sub(value, 19)
  ttl = ttl + stale
end
store(KEYS[1], value, ttl)
return 1
`);

/** KEYS: key. ARGV: kind and 8 bytes of the delta, encoded init or '', ttl or '', ttl of a new entry, new version. */
export const ADD = changing(`
local NEW = ARGV[5]
local kind, head = present(KEYS[1])
if kind and kind ~= 'string' then wrong_type() end
local encoded
if kind then
  if redis.call('STRLEN', KEYS[1]) ~= 27 then wrong_type() end
  encoded = redis.call('GETRANGE', KEYS[1], 18, 26)
else
  encoded = ARGV[2]
  if encoded == '' then return false end
end
local tag, by = string.sub(encoded, 1, 1), ARGV[1]
if string.sub(by, 1, 1) == '?' then
  by = tag == 'i' and 'i' .. struct.pack('>i4I4', 0, 1) or 'd' .. struct.pack('>d', 1)
end
if (tag ~= 'd' and tag ~= 'i') or tag ~= string.sub(by, 1, 1) then wrong_type() end
local sum
if tag == 'd' then
  local old = struct.unpack('>d', string.sub(encoded, 2))
  local new = old + struct.unpack('>d', string.sub(by, 2))
  if old ~= old or new ~= new or new - new ~= 0 or old - old ~= 0 then error({ err = 'SHMOVERFLOW' }) end
  sum = struct.pack('>d', new)
else
  local high, low = struct.unpack('>i4I4', string.sub(encoded, 2))
  local more_high, more_low = struct.unpack('>i4I4', string.sub(by, 2))
  low = low + more_low
  local carry = low >= 4294967296 and 1 or 0
  high, low = high + more_high + carry, low - carry * 4294967296
  if high < -2147483648 or high > 2147483647 then error({ err = 'SHMOVERFLOW' }) end
  sum = struct.pack('>i4I4', high, low)
end
local ttl = ARGV[3]
if ttl == '' then ttl = kind and '-1' or ARGV[4] end
store(KEYS[1], 'S\\1' .. NEW .. string.rep('\\0', 8) .. tag .. sum, ttl, head)
return { tag .. sum, ttl == '-2' and 0 or left(KEYS[1]), ttl == '-2' and 1 or 0 }
`);

/**
 * KEYS: key. ARGV: limit, window in ns, burst, cost, new version. Stores a bigint: the time, in ns of the server's clock, at
 * which the whole burst is available. Times are differences of two 32-bit halves, so that none loses its low digits.
 */
export const THROTTLE = changing(`
local limit, window, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local HALF = 4294967296
local t = redis.call('TIME')
local seconds, nanos = tonumber(t[1]), tonumber(t[2]) * 1000
local upper, lower = math.floor(seconds / 65536) * 1e9, (seconds % 65536) * 1e9
local now_low = (upper % 65536) * 65536 + lower % HALF + nanos
local now_high = math.floor(upper / 65536) + math.floor(lower / HALF) + math.floor(now_low / HALF)
now_low = now_low % HALF
local kind, head = present(KEYS[1])
local ahead = 0
if kind then
  if kind ~= 'string' or redis.call('STRLEN', KEYS[1]) ~= 27 or string.sub(head, 19, 19) ~= 'i' then wrong_type() end
  local high, low = struct.unpack('>i4I4', redis.call('GETRANGE', KEYS[1], 19, 26))
  ahead = math.max(0, (high - now_high) * HALF + (low - now_low))
end
local allowed = ahead * limit + cost * window <= burst * window
if allowed and cost > 0 then
  ahead = ahead + math.max(1, math.floor(cost * window / limit))
  if ahead > 3.1536e18 then error({ err = 'SHMOVERFLOW' }) end
  local low = now_low + ahead % HALF
  local high = now_high + math.floor(ahead / HALF) + math.floor(low / HALF)
  local value = 'S\\1' .. ARGV[5] .. string.rep('\\0', 8) .. 'i' .. struct.pack('>i4I4', high, low % HALF)
  redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', math.ceil(ahead / 1e6)))
end
local remaining = math.max(0, math.floor((burst * window - ahead * limit) / window))
local wait = allowed and 0 or math.max(0, (ahead * limit + cost * window - burst * window) / limit)
return { allowed and 1 or 0, remaining, string.format('%.0f', math.ceil(wait)), string.format('%.0f', ahead) }
`);
