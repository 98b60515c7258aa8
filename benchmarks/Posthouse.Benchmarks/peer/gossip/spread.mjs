// How long a message is on its way to the other 19 of 20 nodes of gossipsub, and how many get everywhere in a second.
//   node spread.mjs DEGREE WARM_UP PACED PACE_MS WINDOW FLOOD_MS
// prints p50 in ms, p99 in ms, percent that arrived, messages per second, and the processor's milliseconds for each; a line each
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { gossipsub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';

const [degree, warmUp, paced, pace, window, flood] = process.argv.slice(2).map(Number);
const count = 20;
const topic = 'prices';
const bytes = 200;
const patience = 10_000;
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

const nodes = [];
for (let i = 0; i < count; i++) {
  nodes.push(await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
    services: { identify: identify(), pubsub: gossipsub() },
  }));
}

// A message carries its number and the moment at which it was published.
const missing = new Map();
let latencies = [];
let published = 0;
let arrived = 0;
let wake = () => {};
for (const { services: { pubsub } } of nodes) {
  pubsub.subscribe(topic);
  pubsub.addEventListener('message', ({ detail: { data } }) => {
    const view = new DataView(data.buffer, data.byteOffset);
    const number = view.getUint32(0);
    latencies.push(performance.now() - view.getFloat64(4));
    arrived++;
    missing.set(number, missing.get(number) - 1);
    if (missing.get(number) === 0) {
      missing.delete(number);
      wake();
    }
  });
}

for (let i = 0; i < count; i++) {
  for (let k = 0; k < degree / 2; k++) await nodes[i].dial(nodes[(i + 1 + 3 * k) % count].getMultiaddrs());
}
await sleep(5000);

async function publish() {
  const message = new Uint8Array(bytes);
  const view = new DataView(message.buffer);
  const number = published++;
  missing.set(number, count - 1);
  view.setUint32(0, number);
  view.setFloat64(4, performance.now());
  await nodes[(number * 7) % count].services.pubsub.publish(topic, message);
}

async function untilFewerThan(most) {
  const until = performance.now() + patience;
  while (missing.size >= most && performance.now() < until) {
    await Promise.race([new Promise(resolve => { wake = resolve; }), sleep(100)]);
  }
}

async function onePerPace(paced) {
  const began = performance.now();
  for (let i = 0; i < paced; i++) {
    await sleep(Math.max(0, began + i * pace - performance.now()));
    await publish();
  }
  await untilFewerThan(1);
}

await onePerPace(warmUp);
[latencies, arrived] = [[], 0];
await onePerPace(paced);
latencies.sort((a, b) => a - b);
console.log(latencies[Math.floor(latencies.length * 0.5)]);
console.log(latencies[Math.floor(latencies.length * 0.99)]);
console.log(100 * arrived / (paced * (count - 1)));

missing.clear();
const [began, before, used] = [performance.now(), published, process.cpuUsage()];
while (performance.now() - began < flood) {
  await publish();
  await untilFewerThan(window);
}
await untilFewerThan(1);
const everywhere = published - before - missing.size;
const { user, system } = process.cpuUsage(used);
console.log(everywhere * 1000 / (performance.now() - began));
console.log((user + system) / 1000 / everywhere);
process.exit(0);
