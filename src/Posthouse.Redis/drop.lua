-- Removes versions that were not believed, unless others have come in between. A message that nothing refers to any more ends by itself;
-- one that a made-up version referred to may be a true one.
-- KEYS: the hash of each version's asset. ARGV: provider and version, by turns.
for at = 1, #KEYS do
  if redis.call('TYPE', KEYS[at])['ok'] == 'hash' and redis.call('HGET', KEYS[at], ARGV[2 * at - 1]) == ARGV[2 * at] then
    redis.call('HDEL', KEYS[at], ARGV[2 * at - 1])
  end
end
return 0
