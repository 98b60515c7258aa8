// Dialect K: each order is a resource with its parts below it; signatures are nested and have other names.
import { catalog, confirm, content, delivery, look, must, open, order, prove, quote, sha256 } from './shop.mjs';

const hash = `sha256:${sha256(JSON.stringify(content))}`;

await open([
  ['GET', /^\/ivxp\/catalog$/, () => catalog()],
  ['POST', /^\/ivxp\/request$/, (body) => quote(body)],
  ['POST', /^\/ivxp\/orders\/([^/]+)\/payment$/, async (body, id) => {
    const one = order(id);
    must(body.message_type === 'payment_proof' && body.order_id === id && body.payment.network === 'base-sepolia', 400, 'INVALID_REQUEST');
    must(body.signature.signer.toLowerCase() === one.client.toLowerCase(), 401, 'SIGNATURE_INVALID');
    const { tx_hash: transaction } = body.payment;
    await prove(one, transaction, `Order: ${id} | Payment: ${transaction} | Timestamp: ${body.timestamp}`, body.timestamp, body.signature.message, body.signature.sig);
    return { status: 'accepted', order_id: id, message: 'Thank you' };
  }],
  ['GET', /^\/ivxp\/orders\/([^/]+)$/, (_, id) => {
    const one = order(id);
    return { order_id: id, status: look(one), created_at: one.createdAt.toISOString(), service_type: 'research', price_usdc: 5 };
  }],
  ['GET', /^\/ivxp\/orders\/([^/]+)\/deliverable$/, (_, id) => {
    must(order(id).status === 'delivered', 404, 'DELIVERABLE_NOT_READY');
    return delivery(order(id), hash, { delivered_at: new Date().toISOString() });
  }],
  ['POST', /^\/ivxp\/orders\/([^/]+)\/confirm$/, (body, id) => confirm(order(id), body, hash)],
]);
