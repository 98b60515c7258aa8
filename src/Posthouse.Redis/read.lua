-- The versions of some assets: for each key a list of provider, version, provider, version, and so on.
local found = {}
for at = 1, #KEYS do
  local type = redis.call('TYPE', KEYS[at])['ok']
  found[at] = type == 'hash' and redis.call('HGETALL', KEYS[at]) or {}
end
return found
