-- The signed bytes of some messages; an empty text for one that is not there.
local found = {}
for at = 1, #KEYS do
  local type = redis.call('TYPE', KEYS[at])['ok']
  found[at] = type == 'hash' and redis.call('HGET', KEYS[at], 'signed') or ''
end
return found
