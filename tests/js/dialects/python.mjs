// Dialect P: what the old Python programs put on the wire – no 0x before a signature, microseconds, an endpoint on their own
// machine that may not listen – and what they wait for.
//   node dialects/python.mjs PROVIDER
import { call, must, pay, poll, quote, say, wallet } from './wire.mjs';

const isoformat = () => new Date().toISOString().replace('Z', String(Math.floor(Math.random() * 1000)).padStart(3, '0') + 'Z');

async function buy(protocol) {
  const offer = await quote('research', { name: 'python', timestamp: isoformat(), address: wallet.address.toLowerCase(), protocol });
  const hash = await pay(offer);
  const timestamp = isoformat();
  const text = `Order: ${offer.order_id} | Payment: ${hash} | Timestamp: ${timestamp}`;
  const accepted = await call('POST', '/ivxp/deliver', {
    protocol: 'IVXP/1.0', message_type: 'delivery_request', timestamp, order_id: offer.order_id,
    payment_proof: { tx_hash: hash, from_address: wallet.address.toLowerCase(), to_address: offer.quote.payment_address, amount_usdc: '50000000', block_number: 1, network: offer.quote.network },
    delivery_endpoint: 'http://localhost:1/ivxp/receive', signature: (await wallet.signMessage({ message: text })).slice(2), signed_message: text,
  });
  must(accepted.status === 200 && accepted.body.status === 'accepted', JSON.stringify(accepted.body));
  return offer.order_id;
}

const order = await buy('IVXP/1.0');
const early = await call('GET', `/ivxp/download/${order}`);
must([200, 202].includes(early.status), `download while it works: ${early.status}`);
const status = await poll(`/ivxp/status/${order}`, (one) => ['delivered', 'delivery_failed'].includes(one.status));
must(status.service_type === 'research' && typeof status.price_usdc === 'number', 'status');
const { body } = await call('GET', `/ivxp/download/${order}`);
must(body.deliverable.format === 'markdown' && typeof body.deliverable.content.body === 'string', 'deliverable');
say('collected', { status: status.status, title: body.deliverable.content.title, sources: body.deliverable.content.sources });

const unpaid = await call('GET', `/ivxp/download/${(await quote('research')).order_id}`);
say('unpaid', { status: unpaid.status, word: unpaid.body.status, error: unpaid.body.error });
