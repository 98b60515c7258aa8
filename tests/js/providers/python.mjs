// Dialect P: what the old Python programs answer. Version 1.0 alone, times with microseconds and without a zone, and the bare hash of
// json.dumps(content, sort_keys=True).
import { catalog, content, delivery, look, must, open, order, prove, quote, sha256 } from './shop.mjs';

const isoformat = (time = new Date()) => time.toISOString().replace('Z', '123');

// Python's writing: ", " and ": " between, keys sorted, everything above ASCII escaped.
function dumps(value) {
  if (typeof value === 'string') return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (letter) => '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0'));
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`;
  if (value && typeof value === 'object') return `{${Object.keys(value).sort().map((key) => `${dumps(key)}: ${dumps(value[key])}`).join(', ')}}`;
  return JSON.stringify(value);
}

const hash = sha256(dumps(content));

await open([
  ['GET', /^\/ivxp\/catalog$/, () => ({ ...catalog(), message_type: 'service_catalog', timestamp: isoformat() })],
  ['POST', /^\/ivxp\/request$/, (body) => {
    must(body.protocol === 'IVXP/1.0', 400, 'PROTOCOL_VERSION_UNSUPPORTED', 'IVXP/1.0 alone is spoken here');
    const offer = quote(body);
    return { ...offer, timestamp: isoformat(), payment_reference: offer.order_id };
  }],
  ['POST', /^\/ivxp\/deliver$/, async (body) => {
    const one = order(body.order_id);
    must(body.protocol === 'IVXP/1.0', 400, 'PROTOCOL_VERSION_UNSUPPORTED');
    const { tx_hash: transaction } = body.payment_proof;
    await prove(one, transaction, `Order: ${one.id} | Payment: ${transaction} | Timestamp: ${body.timestamp}`, body.timestamp, body.signed_message, body.signature);
    return { status: 'accepted', order_id: one.id, message: 'Payment verified' };
  }],
  ['GET', /^\/ivxp\/status\/([^/]+)$/, (_, id) => {
    const one = order(id);
    return { order_id: id, status: look(one), created_at: isoformat(one.createdAt), service_type: 'research', price_usdc: 5.0 };
  }],
  ['GET', /^\/ivxp\/download\/([^/]+)$/, (_, id) => order(id).status === 'delivered'
    ? delivery(order(id), hash, { timestamp: isoformat(), delivered_at: isoformat() })
    : [202, { status: 'processing', message: 'Not yet' }]],
]);
