// A buyer that knows Posthouse only from its wire: HTTP, and viem for the wallet and the chain.
//   node buyer.mjs PROVIDER          → prints one line of JSON for each step, and ends when the last push has come
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createPublicClient, http, parseAbiItem, verifyMessage } from 'viem';
import { baseSepolia } from 'viem/chains';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

const provider = process.argv[2];
const wallet = privateKeyToAccount(generatePrivateKey());
const chain = createPublicClient({ chain: baseSepolia, transport: http(`${provider}/dev/chain`) });
const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));
const fail = (message) => { throw new Error(message); };

async function call(method, path, body) {
  const answer = await fetch(provider + path, {
    method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function quote(type, budget) {
  const { status, body } = await call('POST', '/ivxp/request', {
    protocol: 'IVXP/1.1', message_type: 'service_request', timestamp: new Date().toISOString(),
    client_agent: { name: 'viem buyer', wallet_address: wallet.address },
    service_request: { type, description: 'größe 🌍 "x"', budget_usdc: budget },
  });
  return status === 200 ? body : fail(JSON.stringify(body));
}

async function pay(offer) {
  const hash = await chain.request({
    method: 'dev_pay', params: [{ from: wallet.address, to: offer.quote.payment_address, amount_usdc: offer.quote.price_usdc }],
  });
  const receipt = await chain.waitForTransactionReceipt({ hash });
  const transfer = parseAbiItem('event Transfer(address indexed from, address indexed to, uint256 value)');
  if (receipt.status !== 'success' || transfer.name !== 'Transfer' || receipt.logs.length !== 1) fail('no transfer');
  return hash;
}

async function prove(offer, hash, endpoint, signer = wallet) {
  const timestamp = new Date().toISOString();
  const text = `Order: ${offer.order_id} | Payment: ${hash} | Timestamp: ${timestamp}`;
  return call('POST', '/ivxp/deliver', {
    protocol: 'IVXP/1.1', message_type: 'delivery_request', timestamp, order_id: offer.order_id,
    payment_proof: { tx_hash: hash, from_address: wallet.address, network: offer.quote.network },
    delivery_endpoint: endpoint, signature: await signer.signMessage({ message: text }), signed_message: text,
  });
}

async function until(id, wanted) {
  for (let tries = 0; tries < 600; tries++) {
    const { body } = await call('GET', `/ivxp/status/${id}`);
    if (body.status === wanted) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  fail(`order ${id} never became ${wanted}`);
}

async function check(delivery, offer) {
  const hash = 'sha256:' + createHash('sha256').update(JSON.stringify(delivery.deliverable.content)).digest('hex');
  if (delivery.content_hash !== hash) fail(`hash ${delivery.content_hash}, not ${hash}`);
  if (delivery.signed_message !== `Order: ${offer.order_id} | Delivered: ${delivery.completed_at} | Content-Hash: ${hash}`) fail(delivery.signed_message);
  const signed = await verifyMessage({ address: offer.provider_agent.wallet_address, message: delivery.signed_message, signature: delivery.signature });
  if (!signed) fail('the provider did not sign');
  return delivery.deliverable.content;
}

const catalog = await call('GET', '/ivxp/catalog');
say('catalog', { services: catalog.body.services.map((service) => service.type) });

// Served: quote, pay, prove, wait, collect.
const first = await quote('text_echo', 5);
const paid = await pay(first);
const stranger = privateKeyToAccount(generatePrivateKey());
say('stranger', { status: (await prove(first, paid, undefined, stranger)).status });
const accepted = await prove(first, paid);
say('accepted', { status: accepted.status, again: (await prove(first, paid)).status });
await until(first.order_id, 'ready_for_pickup');
const download = await call('GET', `/ivxp/download/${first.order_id}`);
say('served', { content: await check(download.body, first), after: (await call('GET', `/ivxp/status/${first.order_id}`)).body.status });

// Away: the endpoint is dead, so the result is ready for pickup; a listener that starts there later gets the push by itself.
const reserved = createServer().listen(0, '127.0.0.1');
await once(reserved, 'listening');
const { port } = reserved.address();
await new Promise((resolve) => reserved.close(resolve));
const second = await quote('text_echo', 5);
const other = await pay(second);
say('stolen', { status: (await prove(second, paid)).status });
await prove(second, other, `http://127.0.0.1:${port}/ivxp/receive`);
const away = await until(second.order_id, 'ready_for_pickup');
say('away', { attempts: away.status_details.delivery_attempts, error: away.status_details.last_error, push: away.status_details.push });

const listener = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"received"}');
  listener.emit('pushed', { headers: request.headers, path: request.url, body: JSON.parse(Buffer.concat(pieces)) });
}).listen(port, '127.0.0.1');
const [push] = await once(listener, 'pushed');
say('pushed', {
  content: await check(push.body, second), path: push.path, attempt: Number(push.headers['ivxp-attempt']), delivery: push.headers['ivxp-delivery-id'],
});
await until(second.order_id, 'posted');
say('posted');
listener.close();
