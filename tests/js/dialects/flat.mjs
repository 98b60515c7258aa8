// Dialect F: three paths, flat answers, bare hashes of the content's own string, errors as sentences.
//   node dialects/flat.mjs PROVIDER        (a provider with FlatDialect)
import { createHash } from 'node:crypto';
import { call, must, pay, poll, quote, say, wallet } from './wire.mjs';

const offer = await quote('text_echo');
const hash = await pay(offer);
const timestamp = new Date().toISOString();
const text = `Order: ${offer.order_id} | Payment: ${hash} | Timestamp: ${timestamp}`;
const proof = {
  protocol: 'IVXP/1.0', message_type: 'delivery_request', timestamp, order_id: offer.order_id,
  payment_proof: { tx_hash: hash, from_address: wallet.address, network: offer.quote.network },
  signature: await wallet.signMessage({ message: text }), signed_message: text,
};
const accepted = await call('POST', '/ivxp/deliver', proof);
must(accepted.status === 200 && accepted.body.status === 'accepted', JSON.stringify(accepted.body));
const status = await poll(`/ivxp/status/${offer.order_id}`, (one) => one.status === 'delivered');
must(status.service === 'text_echo' && status.price_usdc === undefined && status.order_id === offer.order_id, 'status');
const { body } = await call('GET', `/ivxp/download/${offer.order_id}`);
must(Object.keys(body).join() === 'order_id,content,content_type,content_hash', Object.keys(body).join());
must(body.content_hash === createHash('sha256').update(body.content, 'utf8').digest('hex') && status.content_hash === body.content_hash, 'hash');
say('collected', { content: JSON.parse(body.content) });
say('forged', { error: (await call('POST', '/ivxp/deliver', { ...proof, signature: '0x' + '1'.repeat(130) })).body.error });
say('unknown', { error: (await call('GET', '/ivxp/status/nothing')).body.error });
