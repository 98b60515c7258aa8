// pg-boss: enqueue by send, then process with ten workers that fetch a hundred at a time at its shortest polling, then pickup.
import PgBoss from 'pg-boss';
import { connectionString, now, payload, percentile, print, rateOf } from './common.mjs';

const jobs = 20_000;
const boss = new PgBoss({ connectionString, max: 16 });
boss.on('error', error => { console.error(error); process.exit(1); });
await boss.start();
for (const queue of ['other', 'noop', 'one']) await boss.createQueue(queue);

print('pg-boss, enqueue, 1 caller', await rateOf(1, 3, () => boss.send('other', payload)), '/s');
print('pg-boss, enqueue, 16 callers', await rateOf(16, 3, () => boss.send('other', payload)), '/s');

for (let at = 0; at < jobs; at += 1000) await boss.insert(Array.from({ length: 1000 }, () => ({ name: 'noop', data: payload })));
let done = 0;
let finish;
const finished = new Promise(resolve => { finish = resolve; });
const since = now();
for (let worker = 0; worker < 10; worker++) {
  await boss.work('noop', { batchSize: 100, pollingIntervalSeconds: 0.5 }, async batch => { if ((done += batch.length) >= jobs) finish(); });
}
await finished;
print('pg-boss, process, 10 workers, batches of 100', jobs * 1000 / (now() - since), '/s');
await boss.offWork('noop');

const times = [];
let called;
let at = 0;
await boss.work('one', { pollingIntervalSeconds: 0.5 }, async () => { times.push(now() - at); called(); });
for (let i = 0; i < 20; i++) {
  const heard = new Promise(resolve => { called = resolve; });
  at = now();
  await boss.send('one', payload);
  await heard;
}
print('pg-boss, pickup p50', percentile(times, 50), 'ms');
print('pg-boss, pickup p99', percentile(times, 99), 'ms');
process.exit(0);
