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

const jobs = 5000;
queue.addMany('work', Array.from({ length: jobs }, () => ({ payload })));
let done = 0;
let finish;
const finished = new Promise(resolve => { finish = resolve; });
since = process.hrtime.bigint();
const worker = defineWorker('work', async () => { if (++done === jobs) finish(); }, { queue, logger: silent });
worker.start();
await finished;
print('process, no-op handler', jobs / seconds(since), '/s');
process.exit(0);
