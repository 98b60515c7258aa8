// Dialect K: pays under the order's own path, follows the stream or polls, and takes every 2xx of the deliverable for the result.
//   node dialects/workflow.mjs PROVIDER
import { call, must, pay, poll, provider, quote, say, wallet } from './wire.mjs';

// The five words, after any other of which this client gives up.
const words = ['quoted', 'paid', 'processing', 'delivered', 'delivery_failed'];

const catalog = await call('GET', '/ivxp/catalog');
must(catalog.body.protocol === 'IVXP/1.0' && catalog.body.services.every((one) => one.base_price_usdc >= 0 && one.estimated_delivery_hours > 0), 'catalog');

// Reads a stream as this client does: an event counts only if all its lines are in one piece.
async function follow(url) {
  const answer = await fetch(url, { headers: { accept: 'text/event-stream' } });
  must(answer.ok, `stream: ${answer.status}`);
  const events = [];
  const decoder = new TextDecoder();
  for await (const piece of answer.body) {
    let type = '', data = '';
    for (const line of decoder.decode(piece).split('\n')) {
      must(!line.includes('\r'), 'a carriage return');
      if (line.startsWith('event:')) type = line.slice(6).trim();
      else if (line.startsWith('data:')) data = line.slice(5).trim();
      else if (line === '' && type) {
        events.push({ type, data: JSON.parse(data) });
        type = data = '';
      }
    }
    must(type === '', 'an event came in two pieces');
  }
  return events;
}

async function buy(service) {
  const offer = await quote(service, { name: 'IVXP SDK Client' });
  must(typeof offer.quote.price_usdc === 'number' && offer.quote.price_usdc > 0, 'price');
  const early = await call('GET', `/ivxp/orders/${offer.order_id}/deliverable`);
  must(early.status === 404 && early.body.error === 'DELIVERABLE_NOT_READY', `early: ${early.status}`);
  const hash = await pay(offer);
  const timestamp = new Date().toISOString();
  const message = `Order: ${offer.order_id} | Payment: ${hash} | Timestamp: ${timestamp}`;
  const proof = {
    protocol: 'IVXP/1.0', message_type: 'payment_proof', timestamp, order_id: offer.order_id,
    payment: { tx_hash: hash, amount_usdc: offer.quote.price_usdc.toFixed(6), network: offer.quote.network },
    signature: { message, sig: await wallet.signMessage({ message }), signer: wallet.address },
  };
  const accepted = await call('POST', `/ivxp/orders/${offer.order_id}/payment`, proof);
  must(accepted.status === 200 && accepted.body.status === 'accepted' && accepted.body.message.length > 0, JSON.stringify(accepted.body));
  const again = await call('POST', `/ivxp/orders/${offer.order_id}/payment`, proof);
  must(again.status === 200 && again.body.webhook_secret === undefined, 'the secret was told twice');
  return { id: offer.order_id, accepted: accepted.body };
}

async function collect(id) {
  const { status, body } = await call('GET', `/ivxp/orders/${id}/deliverable`);
  must(status === 200 && body.order_id === id && body.status === 'completed' && body.protocol === 'IVXP/1.0', JSON.stringify(body));
  must(body.delivered_at !== null && body.message_type === 'service_delivery' && body.deliverable.type.length > 0, 'deliverable');
  must(/^0x[0-9a-f]{130}$/.test(body.signature), 'provider signature');
  return body.deliverable.content;
}

const polled = await buy('text_echo');
const done = await poll(`/ivxp/orders/${polled.id}`, (status) => {
  must(words.includes(status.status), `a word this client does not know: ${status.status}`);
  must(status.price_usdc === 5 && status.service_type === 'text_echo' && status.delivered_at === undefined, 'status');
  return status.status === 'delivered';
});
say('polled', { content: await collect(polled.id), details: done.status_details !== undefined, secret: polled.accepted.webhook_secret });

const streamed = await buy('slow');
must(streamed.accepted.stream_url.startsWith(provider), streamed.accepted.stream_url);
const events = await follow(streamed.accepted.stream_url);
must(events.filter((one) => one.type === 'status_update').every((one) => words.includes(one.data.status) && one.data.orderId === streamed.id), 'events');
const after = await call('GET', `/ivxp/orders/${streamed.id}`);
const last = events.at(-1);
say('streamed', {
  last: last.type, status: after.body.status, progress: events.filter((one) => one.type === 'progress').length > 0,
  content: (await (await fetch(last.data.deliverableUrl)).json()).deliverable.content,
});

const broken = await call('GET', '/ivxp/orders/ivxp-00000000-0000-4000-8000-000000000000');
say('unknown', { status: broken.status, error: broken.body.error });
