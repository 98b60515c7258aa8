// What all the shops share: HTTP, a wallet, orders in memory, and the check of a signed text. Each shop has its own paths and shapes; what it
// hands out, and the lies it can be told to hand out, stand here once.
//   node providers/<dialect>.mjs [LIE]      → prints its address, then one line of JSON for each step that a test reads
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { verifyMessage } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

export const lie = process.argv[2];
export const wallet = privateKeyToAccount(generatePrivateKey());
export const orders = new Map();
export const content = { title: 'größe 🌍', body: 'the whole result', sources: [], 2: 1e21 };
export const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
export const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));

export class Refusal extends Error {
  constructor(status, code, message = code) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export function must(truth, status, code, message) {
  if (!truth) throw new Refusal(status, code, message);
}

export function order(id) {
  must(orders.has(id), 404, 'ORDER_NOT_FOUND', 'Order not found');
  return orders.get(id);
}

/** A quote; `more` is what a dialect adds to it. */
export function quote(body, more = {}) {
  must(body.message_type === 'service_request' && body.client_agent.name && body.service_request.budget_usdc > 0, 400, 'INVALID_REQUEST');
  must(body.service_request.type === 'research', 400, 'SERVICE_TYPE_NOT_SUPPORTED');
  const id = `ivxp-${randomUUID()}`;
  orders.set(id, { id, client: body.client_agent.wallet_address, input: body.service_request.description, status: 'quoted', looks: 0, createdAt: new Date() });
  return {
    protocol: body.protocol, message_type: 'service_quote', timestamp: new Date().toISOString(), order_id: id,
    provider_agent: { name: 'a shop in JavaScript', wallet_address: wallet.address },
    quote: { price_usdc: 5, estimated_delivery: new Date(Date.now() + 3_600_000).toISOString(), payment_address: wallet.address, network: 'base-sepolia' },
    ...more,
  };
}

/** Takes a proof whose text is exactly this one, signed by whoever ordered; its time is the present. */
export async function prove(one, transaction, text, timestamp, message, signature) {
  must(message === text, 401, 'SIGNATURE_INVALID', `signed is: ${message}`);
  must(Math.abs(Date.now() - Date.parse(timestamp)) < 60_000, 400, 'INVALID_TIMESTAMP');
  must(await verifyMessage({ address: one.client, message, signature }), 401, 'SIGNATURE_INVALID', 'not signed by the client');
  Object.assign(one, { status: 'paid', transaction });
  say('paid', { transaction, input: one.input, text: text.replace(one.id, 'ID').replace(transaction, 'TX').replace(timestamp, 'TIME') });
}

/** The word on an order: the result is there at the second look. */
export function look(one) {
  if (one.status === 'paid' && ++one.looks > 1) one.status = 'delivered';
  return one.status;
}

/** The result in an envelope, signed; `hash` is what this dialect calls its hash. */
export async function delivery(one, hash, more = {}) {
  const shown = lie === 'hash' ? { ...content, body: 'something else' } : content;
  const at = new Date().toISOString();
  const text = `Order: ${lie === 'text' ? `ivxp-${randomUUID()}` : one.id} | Delivered: ${at} | Content-Hash: ${hash}`;
  const signer = lie === 'signer' ? privateKeyToAccount(generatePrivateKey()) : wallet;
  say('collected');
  return {
    protocol: 'IVXP/1.0', message_type: 'service_delivery', timestamp: at, order_id: lie === 'order' ? `ivxp-${randomUUID()}` : one.id, status: 'completed',
    provider_agent: { name: 'a shop in JavaScript', wallet_address: lie === 'seller' ? privateKeyToAccount(generatePrivateKey()).address : wallet.address },
    deliverable: { type: 'research', format: 'markdown', content: shown }, content_hash: hash,
    signature: await signer.signMessage({ message: text }), signed_message: text, ...more,
  };
}

/** Takes a receipt for what was delivered, in the characters in which its hash was written. */
export async function confirm(one, body, hash) {
  const { confirmation, signed_message: message, signature, timestamp } = body;
  must(confirmation.received === true && confirmation.content_hash === hash, 400, 'CONTENT_HASH_MISMATCH');
  must(message === `Order: ${one.id} | Received: true | Hash: ${hash} | Timestamp: ${timestamp}`, 401, 'SIGNATURE_INVALID', message);
  must(await verifyMessage({ address: one.client, message, signature }), 401, 'SIGNATURE_INVALID', 'not signed by the client');
  say('confirmed', { rating: confirmation.satisfaction_rating });
  return { status: 'confirmed', order_id: one.id, confirmed_at: new Date().toISOString() };
}

/** Serves routes, each [method, pattern of the path, (body, ...parts) => answer or [status, answer]]. */
export async function open(routes, refuse = ({ code, message }) => ({ error: code, message })) {
  const server = createServer(async (request, response) => {
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const { pathname } = new URL(request.url, 'http://shop');
      for (const [method, path, serve] of routes) {
        const found = method === request.method && path.exec(pathname);
        if (!found) continue;
        const body = await serve(pieces.length ? JSON.parse(Buffer.concat(pieces)) : undefined, ...found.slice(1));
        return Array.isArray(body) ? answer(...body) : answer(200, body);
      }
      answer(404, refuse(new Refusal(404, 'NOT_FOUND', `${request.method} ${pathname}`)));
    } catch (error) {
      say('refused', { path: request.url, message: error.message });
      answer(error.status ?? 500, refuse(error.status ? error : new Refusal(500, 'INTERNAL_ERROR', 'broken')));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(`Serving http://127.0.0.1:${server.address().port}`);
}

export const catalog = () => ({
  protocol: 'IVXP/1.0', provider: 'a shop in JavaScript', wallet_address: wallet.address,
  services: [{ type: 'research', base_price_usdc: 5, estimated_delivery_hours: 1 }],
});
