// Dialect W: the documented paths, and a proof whose text carries a nonce that counts once.
import { catalog, confirm, content, delivery, look, must, open, order, prove, quote, sha256 } from './shop.mjs';

const hash = `sha256:${sha256(JSON.stringify(content))}`;
const nonces = new Set();

await open([
  ['GET', /^\/ivxp\/catalog$/, () => catalog()],
  ['POST', /^\/ivxp\/request$/, (body) => quote(body, { terms: { payment_timeout: 3600 } })],
  ['POST', /^\/ivxp\/deliver$/, async (body) => {
    const one = order(body.order_id);
    must(body.message_type === 'delivery_request' && body.payment_proof.from_address.toLowerCase() === one.client.toLowerCase(), 400, 'INVALID_REQUEST');
    must(body.nonce?.length >= 16 && !nonces.has(body.nonce), 401, 'SIGNATURE_INVALID', 'no new nonce');
    nonces.add(body.nonce);
    const { tx_hash: transaction } = body.payment_proof;
    await prove(one, transaction, `IVXP-DELIVER | Order: ${one.id} | Payment: ${transaction} | Nonce: ${body.nonce} | Timestamp: ${body.timestamp}`,
      body.timestamp, body.signed_message, body.signature);
    return { status: 'accepted', order_id: one.id, message: 'Thank you' };
  }],
  ['GET', /^\/ivxp\/status\/([^/]+)$/, (_, id) => {
    const one = order(id);
    return { order_id: id, status: look(one), created_at: one.createdAt.toISOString(), service_type: 'research', price_usdc: 5 };
  }],
  ['GET', /^\/ivxp\/download\/([^/]+)$/, (_, id) => order(id).status === 'delivered'
    ? delivery(order(id), hash)
    : [202, { status: 'processing', message: 'Not yet', error: 'DELIVERABLE_NOT_READY' }]],
  ['POST', /^\/ivxp\/confirm$/, (body) => confirm(order(body.order_id), body, hash)],
]);
