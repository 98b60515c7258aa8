// plainjob at full synchronisation: prints "what<TAB>value<TAB>unit" lines.
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker } from 'plainjob';

const silent = { error() {}, warn() {}, info() {}, debug() {} };
const database = new Database(process.argv[2]);
const queue = defineQueue({ connection: better(database), logger: silent });
database.pragma('synchronous=FULL');
const payload = 'x'.repeat(180);
const seconds = since => Number(process.hrtime.bigint() - since) / 1e9;
const print = (what, value, unit) => console.log(`${what}\t${value}\t${unit}`);

let since = process.hrtime.bigint();
let count = 0;
for (; seconds(since) < 3; count++) queue.add('noop', { payload });
print('enqueue, 1 caller', count / seconds(since), '/s');

since = process.hrtime.bigint();
let bulk = 0;
for (; seconds(since) < 3; bulk += 1000) queue.addMany('noop', Array.from({ length: 1000 }, () => ({ payload })));
print('bulk enqueue, 1,000 a call', bulk / seconds(since), '/s');

let done = 0;
const limit = 3;
since = process.hrtime.bigint();
const worker = defineWorker('noop', async () => { done++; }, { queue, logger: silent });
worker.start();
await new Promise(resolve => setTimeout(resolve, limit * 1000));
print('process, no-op handler', done / seconds(since), '/s');
process.exit(0);
