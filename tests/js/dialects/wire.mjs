// What clients of every dialect share: HTTP, a wallet, play money, and one line of JSON for each step that a test reads.
import { privateKeyToAccount, generatePrivateKey } from 'viem/accounts';

export const provider = process.argv[2];
export const wallet = privateKeyToAccount(generatePrivateKey());
export const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));

export function must(truth, message) {
  if (!truth) throw new Error(message);
}

export async function call(method, path, body, headers = {}) {
  const answer = await fetch(provider + path, {
    method, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}

export async function quote(type, { name = 'test', address = wallet.address, timestamp = new Date().toISOString(), protocol = 'IVXP/1.0' } = {}) {
  const { status, body } = await call('POST', '/ivxp/request', {
    protocol, message_type: 'service_request', timestamp,
    client_agent: { name, wallet_address: address },
    service_request: { type, description: 'größe 🌍', budget_usdc: 60 },
  });
  must(status === 200, `no quote: ${status} ${JSON.stringify(body)}`);
  return body;
}

export async function pay({ quote: offer }) {
  const { body } = await call('POST', '/dev/chain', {
    jsonrpc: '2.0', id: 1, method: 'dev_pay', params: [{ from: wallet.address, to: offer.payment_address, amount_usdc: offer.price_usdc }],
  });
  return body.result;
}

export async function poll(path, isDone, tries = 400) {
  for (let left = tries; left > 0; left--) {
    const answer = await call('GET', path);
    must(answer.status === 200, `${path}: ${answer.status}`);
    if (isDone(answer.body)) return answer.body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} never came to an end`);
}
