// Dialect H: a page in a browser. It probes with HEAD, signs who it is, and tries another path wherever one answers 404.
//   node dialects/hub.mjs PROVIDER
import { createHash } from 'node:crypto';
import { call, must, pay, provider, quote, say, wallet } from './wire.mjs';

const probe = await fetch(provider + '/ivxp/catalog', { method: 'HEAD' });
must(probe.ok && (await probe.text()) === '', `HEAD: ${probe.status}`);

const zero = await call('POST', '/ivxp/request', {
  protocol: 'IVXP/1.0', message_type: 'service_request', timestamp: new Date().toISOString(),
  client_agent: { name: 'page', wallet_address: '0x' + '0'.repeat(40) }, service_request: { type: 'text_echo', description: 'x', budget_usdc: 5 },
});
say('without wallet', { status: zero.status, error: zero.body.error });

async function firstOf(method, paths, body) {
  for (const path of paths) {
    const answer = await call(method, path, body);
    if (answer.status !== 404) return answer;
  }
  throw new Error(`all of ${paths} answer 404`);
}

async function buy(paths) {
  const offer = await quote('research', { name: 'page' });
  const id = offer.order_id;
  const hash = await pay(offer);
  const message = `IVXP Identity Verification | Order: ${id} | Address: ${wallet.address} | Timestamp: ${Date.now()}`;
  const body = {
    order_id: id, payment: { tx_hash: hash, network: 'base-sepolia' },
    signature: { message, sig: await wallet.signMessage({ message }), signer: wallet.address },
  };
  const accepted = await firstOf('POST', paths.map((path) => path.replace('{id}', id)), body);
  must(accepted.status === 200 && typeof accepted.body.order_id === 'string' && typeof accepted.body.status === 'string', JSON.stringify(accepted.body));
  for (let tries = 0; ; tries++) {
    const status = await firstOf('GET', [`/ivxp/orders/${id}`, `/ivxp/status/${id}`]);
    if (status.body.status === 'delivered') break;
    must(tries < 400, 'never delivered');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { body: result } = await firstOf('GET', [`/ivxp/orders/${id}/deliverable`, `/ivxp/download/${id}`]);
  const digest = createHash('sha256').update(result.content, 'utf8').digest('hex');
  must(result.content_hash.replace(/^sha256:/, '') === digest, `hash ${result.content_hash}, not ${digest}`);
  return { id, body, title: JSON.parse(result.content).title, type: result.content_type };
}

const bought = await buy(['/ivxp/orders/{id}/delivery', '/ivxp/deliver']);
say('bought', { title: bought.title, type: bought.type });
say('fallback', { title: (await buy(['/ivxp/nothing/{id}', '/ivxp/deliver'])).title });

// The text names no payment: with somebody else's money it is worth nothing.
const thief = await quote('text_echo', { name: 'page' });
const stolen = await call('POST', `/ivxp/orders/${thief.order_id}/delivery`, { ...bought.body, order_id: thief.order_id });
say('text of another order', { status: stolen.status, error: stolen.body.error });
