/** All in one slot of a cluster, so that one script may touch them together. */
export const KEYS = {
  /** Snapshot and entry of the change that made it, JSON. */
  held: '{banyan:flags}:held',
  /** Ids of audit entries by the moment of what they tell, in milliseconds since the epoch. */
  audit: '{banyan:flags}:audit',
  /** Audit entries by id, JSON. */
  entries: '{banyan:flags}:entries',
  /** Replicas by the time, in milliseconds of Redis' clock, until which they count as live. */
  replicas: '{banyan:flags}:replicas',
  /** Their reports, JSON. */
  reports: '{banyan:flags}:reports',
} as const;

/** What is held, as it is committed. */
export const CHANNEL = '{banyan:flags}:changed';

/** Of the audit; the oldest beyond it are dropped. */
export const AUDIT_ENTRIES_MAX = 20_000;

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Needs `entries`, `audit` as keys and `entriesMax`. The oldest make room. */
const ADD = `
local function add(entriesKey, auditKey, entriesMax, id, moment, entry)
  if redis.call('HSETNX', entriesKey, id, entry) == 0 then return end
  redis.call('ZADD', auditKey, moment, id)
  local excess = redis.call('ZCARD', auditKey) - entriesMax
  if excess > 0 then
    local popped = redis.call('ZPOPMIN', auditKey, excess)
    for i = 1, #popped, 2 do redis.call('HDEL', entriesKey, popped[i]) end
  end
end`;

/**
 * held, entries; the hash of what is known, an entry's id or nothing →
 * [Redis' clock in ms, the hash of what is held, what is held unless it is known, 1 if it has the entry].
 */
export const LOOK = `${NOW}
local held = redis.call('GET', KEYS[1])
local hash = held and redis.sha1hex(held) or ''
local has = 0
if ARGV[2] ~= '' then has = redis.call('HEXISTS', KEYS[2], ARGV[2]) end
return { now, hash, held and hash ~= ARGV[1] and held or false, has }`;

/**
 * held, entries, audit; the hash of what is to be replaced, until when this may be done in ms of Redis' clock, what is
 * to be held, its entry's id, moment and text, how many entries are kept, the channel → done | changed | late.
 */
export const COMMIT = `${NOW}${ADD}
local held = redis.call('GET', KEYS[1])
if (held and redis.sha1hex(held) or '') ~= ARGV[1] then return 'changed' end
if now > tonumber(ARGV[2]) then return 'late' end
redis.call('SET', KEYS[1], ARGV[3])
add(KEYS[2], KEYS[3], tonumber(ARGV[7]), ARGV[4], ARGV[5], ARGV[6])
redis.call('PUBLISH', ARGV[8], ARGV[3])
return 'done'`;

/** entries, audit; how many entries are kept, then id, moment and text of each. */
export const APPEND = `${ADD}
for i = 2, #ARGV, 3 do add(KEYS[1], KEYS[2], tonumber(ARGV[1]), ARGV[i], ARGV[i + 1], ARGV[i + 2]) end`;

/** audit, entries; how many, the id before which or nothing → entries, newest first; null where that id is not there. */
export const AUDIT = `
local first = 0
if ARGV[2] ~= '' then
  local place = redis.call('ZREVRANK', KEYS[1], ARGV[2])
  if not place then return false end
  first = place + 1
end
local ids = redis.call('ZREVRANGE', KEYS[1], first, first + tonumber(ARGV[1]) - 1)
if #ids == 0 then return {} end
return redis.call('HMGET', KEYS[2], unpack(ids))`;

/** replicas, reports; the replica, its report, for how many ms. Whoever is no longer live is forgotten. */
export const REPORT = `${NOW}
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])`;

/** replicas, reports → the reports of those that are live. */
export const REPLICAS = `${NOW}
local live = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
if #live == 0 then return {} end
return redis.call('HMGET', KEYS[2], unpack(live))`;

/** replicas, reports; the replica. */
export const FORGET = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])`;
