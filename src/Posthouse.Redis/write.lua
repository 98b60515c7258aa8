-- Keeps the prices of one signed message where they are newer than what is kept.
-- KEYS: the list of assets, the message, one hash of versions for each asset.
-- ARGV: provider, retention in ms, what stands before a message's id in its key, the signed bytes, then name and version of each asset.
-- A version is 72 hexadecimal digits whose order is the order of versions; the last 32 are the message's id.
-- Answers 1 where the list of assets did not exist: the server has lost everything, or never had anything.

local function sound(key)
  local type = redis.call('TYPE', key)['ok']
  if type ~= 'hash' and type ~= 'none' then redis.call('DEL', key) end
end

local function release(version)
  local key = ARGV[3] .. string.sub(version, 41)
  sound(key)
  if redis.call('EXISTS', key) == 1 and redis.call('HINCRBY', key, 'prices', -1) <= 0 then redis.call('DEL', key) end
end

if redis.call('TYPE', KEYS[1])['ok'] ~= 'set' then redis.call('DEL', KEYS[1]) end
local lost = 1 - redis.call('EXISTS', KEYS[1])
local kept = 0
for at = 3, #KEYS do
  sound(KEYS[at])
  local name, version = ARGV[2 * at - 1], ARGV[2 * at]
  local old = redis.call('HGET', KEYS[at], ARGV[1])
  local known = old and string.match(old, '^%x+$') and #old == #version
  if not known or old < version then
    redis.call('HSET', KEYS[at], ARGV[1], version)
    redis.call('SADD', KEYS[1], name)
    redis.call('PEXPIRE', KEYS[at], ARGV[2])
    if known then release(old) end
    kept = kept + 1
  end
end

if kept > 0 then
  sound(KEYS[2])
  redis.call('HSET', KEYS[2], 'signed', ARGV[4])
  redis.call('HINCRBY', KEYS[2], 'prices', kept)
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return lost
