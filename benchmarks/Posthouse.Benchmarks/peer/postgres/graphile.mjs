// graphile-worker: enqueue by addJob, then process at concurrency 10, near its defaults and tuned, then pickup on an idle queue.
import { run, makeWorkerUtils, Logger } from 'graphile-worker';
import { now, payload, percentile, pool, print, rateOf } from './common.mjs';

const logger = new Logger(() => () => {});
const jobs = 20_000;
const utils = await makeWorkerUtils({ pgPool: pool(16), logger });
await utils.migrate();

print('graphile-worker, enqueue, 1 caller', await rateOf(1, 3, () => utils.addJob('other', payload)), '/s');
print('graphile-worker, enqueue, 16 callers', await rateOf(16, 3, () => utils.addJob('other', payload)), '/s');

async function fill() {
  for (let at = 0; at < jobs; at += 1000) {
    await utils.addJobs(Array.from({ length: 1000 }, () => ({ identifier: 'noop', payload })));
  }
}

async function processed(preset) {
  await fill();
  let done = 0;
  let finish;
  const finished = new Promise(resolve => { finish = resolve; });
  const since = now();
  const runner = await run({ pgPool: pool(16), concurrency: 10, logger, preset, noHandleSignals: true, taskList: { noop: () => { if (++done === jobs) finish(); } } });
  await finished;
  const rate = jobs * 1000 / (now() - since);
  await runner.stop();
  return rate;
}

print('graphile-worker, process, 10 at a time', await processed({}), '/s');
print('graphile-worker tuned, process, 10 at a time',
  await processed({ worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } }), '/s');

const times = [];
let called;
let at = 0;
const runner = await run({ pgPool: pool(4), concurrency: 10, logger, noHandleSignals: true, taskList: { noop: () => { times.push(now() - at); called(); } } });
for (let i = 0; i < 300; i++) {
  const heard = new Promise(resolve => { called = resolve; });
  at = now();
  await utils.addJob('noop', payload);
  await heard;
}
print('graphile-worker, pickup p50', percentile(times, 50), 'ms');
print('graphile-worker, pickup p99', percentile(times, 99), 'ms');
await runner.stop();
process.exit(0);
