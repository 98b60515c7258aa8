// A client that knows Posthouse only from its wire, and pays with viem on a real chain.
//   node payer.mjs PROVIDER NODE    → one JSON command on each line of standard input, one JSON answer on each line of output
import { createInterface } from 'node:readline';
import { createTestClient, createWalletClient, http, parseAbi, parseEther, publicActions } from 'viem';
import { baseSepolia } from 'viem/chains';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

const [provider, node] = process.argv.slice(2);
const usdc = '0x036CbD53842c5426634e7929541eC2318f3dCF7e';
const token = parseAbi([
  'function mint(address to, uint256 value)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function transferMany(address[] to, uint256[] values)',
]);
const chain = createTestClient({ mode: 'anvil', chain: baseSepolia, transport: http(node), pollingInterval: 50 }).extend(publicActions);
const people = Object.fromEntries(['client', 'stranger'].map((name) => {
  const account = privateKeyToAccount(generatePrivateKey());
  return [name, { account, wallet: createWalletClient({ account, chain: baseSepolia, transport: http(node) }) }];
}));

async function call(method, path, body) {
  const answer = await fetch(provider + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

// A transaction of the token, in a block unless it is told to wait for one.
async function transact({ who = 'client', contract = usdc, functionName, args, gas, waits }) {
  const hash = await people[who].wallet.writeContract({ address: contract, abi: token, functionName, args, gas });
  if (!waits) await chain.waitForTransactionReceipt({ hash });
  return { hash };
}

const commands = {
  // Ether for fees and USDC to spend, here and with another token of the same code.
  async prepare({ decoy }) {
    for (const { account } of Object.values(people)) {
      await chain.setBalance({ address: account.address, value: parseEther('1') });
      for (const contract of [usdc, decoy])
        await transact({ who: 'client', contract, functionName: 'mint', args: [account.address, 1_000_000_000n] });
    }
    return { client: people.client.account.address };
  },
  async quote({ type, who = 'client' }) {
    const { status, body } = await call('POST', '/ivxp/request', {
      protocol: 'IVXP/1.1', message_type: 'service_request', timestamp: new Date().toISOString(),
      client_agent: { name: 'viem payer', wallet_address: people[who].account.address },
      service_request: { type, description: 'work', budget_usdc: 100 },
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return { order: body.order_id, to: body.quote.payment_address, price: body.quote.price_usdc, network: body.quote.network };
  },
  pay: ({ to, units, ...more }) => transact({ ...more, functionName: 'transfer', args: [to, BigInt(units)] }),
  payMany: ({ to, units, ...more }) => transact({ ...more, functionName: 'transferMany', args: [to, units.map(BigInt)] }),
  stranger: async () => ({ address: people.stranger.account.address }),
  async prove({ order, hash, network = 'base-sepolia', who = 'client' }) {
    const timestamp = new Date().toISOString();
    const text = `Order: ${order} | Payment: ${hash} | Timestamp: ${timestamp}`;
    const { account } = people[who];
    const { status, body } = await call('POST', '/ivxp/deliver', {
      protocol: 'IVXP/1.1', message_type: 'delivery_request', timestamp, order_id: order,
      payment_proof: { tx_hash: hash, from_address: account.address, network },
      signature: await account.signMessage({ message: text }), signed_message: text,
    });
    return { status, error: body.error ?? null, reason: body.details?.reason ?? null };
  },
  // Asked again and again until the order is where it should be; the test's own patience ends a wait that is in vain.
  async until({ order, wanted }) {
    for (;;) {
      const { body } = await call('GET', `/ivxp/status/${order}`);
      if (body.status_v11 === wanted) return body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ reply: `#${id};`, ...(await commands[command](given)) }));
  } catch (error) {
    console.log(JSON.stringify({ reply: `#${id};`, failed: String(error.message ?? error) }));
  }
}
