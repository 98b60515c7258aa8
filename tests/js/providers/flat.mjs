// Dialect F: three paths, flat answers, a bare hash of the content's own string, sentences for errors, a proof that is taken once, and no
// signature of its own.
import { randomUUID } from 'node:crypto';
import { catalog, content, lie, look, must, open, order, prove, quote, say, sha256 } from './shop.mjs';

const text = JSON.stringify(content);

await open([
  ['GET', /^\/ivxp\/catalog$/, () => catalog()],
  ['POST', /^\/ivxp\/request$/, (body) => quote(body)],
  ['POST', /^\/ivxp\/deliver$/, async (body) => {
    const one = order(body.order_id);
    must(one.status === 'quoted', 400, 'PAID', 'Order has already been paid');
    const { tx_hash: transaction } = body.payment_proof;
    await prove(one, transaction, `Order: ${one.id} | Payment: ${transaction} | Timestamp: ${body.timestamp}`, body.timestamp, body.signed_message, body.signature);
    return { status: 'accepted', order_id: one.id, message: 'Processing' };
  }],
  ['GET', /^\/ivxp\/status\/([^/]+)$/, (_, id) => {
    const one = order(id);
    return { order_id: id, status: look(one), service: 'research', created_at: one.createdAt.toISOString() };
  }],
  ['GET', /^\/ivxp\/download\/([^/]+)$/, (_, id) => {
    must(order(id).status === 'delivered', 400, 'EARLY', 'Order is not delivered yet');
    say('collected');
    return {
      order_id: lie === 'order' ? `ivxp-${randomUUID()}` : id, content: lie === 'hash' ? text.replace('whole', 'other') : text,
      content_type: 'application/json', content_hash: sha256(text),
    };
  }],
], ({ message }) => ({ error: message }));
