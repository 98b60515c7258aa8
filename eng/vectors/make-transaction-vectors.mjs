// Makes spec/ivxp/vectors/transactions.json with viem: transactions of type 2 as wallets sign them.
//   cd eng/vectors && npm ci && node make-transaction-vectors.mjs
import { writeFileSync } from 'node:fs';
import { encodeFunctionData, keccak256, parseAbi, parseTransaction, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

// Every choice below follows from its number, so that each run makes the same file.
const bytes = (seed, length) => {
  let text = '0x';
  for (let i = 0; text.length < 2 + 2 * length; i++) text += keccak256(toHex(`${seed}/${i}`)).slice(2);
  return text.slice(0, 2 + 2 * length);
};
const erc20 = parseAbi(['function transfer(address to, uint256 value)']);
const ready = parseAbi(['function serviceReady(bytes32 orderIdHash, address client, bytes32 contentHash)']);
const lengths = [0, 1, 2, 31, 32, 54, 55, 56, 57, 68, 255, 256, 257, 1000];
const nonces = [0, 1, 127, 128, 255, 256, 65535, 2 ** 32];

const transactions = [];
async function add(name, transaction, seed) {
  const key = bytes(`key ${seed}`, 32);
  const account = privateKeyToAccount(key);
  const raw = await account.signTransaction({ type: 'eip1559', ...transaction });
  transactions.push({
    name, key, from: account.address.toLowerCase(), chainId: transaction.chainId, nonce: transaction.nonce,
    maxFeePerGas: Number(transaction.maxFeePerGas), maxPriorityFeePerGas: Number(transaction.maxPriorityFeePerGas),
    gas: Number(transaction.gas), to: transaction.to ?? null, data: transaction.data ?? '0x', raw, hash: keccak256(raw),
  });
}

for (const [i, length] of lengths.entries()) {
  await add(`${length} bytes of data`, {
    chainId: i % 2 ? 8453 : 84532, nonce: nonces[i % nonces.length], gas: BigInt(21000 + i * 12345),
    maxFeePerGas: BigInt(i) * 1_000_000_007n, maxPriorityFeePerGas: BigInt(i) * 999n, to: bytes(`to ${i}`, 20), data: bytes(`data ${i}`, length),
  }, i);
}
await add('a first byte below 0x80', { chainId: 1, nonce: 9, gas: 21000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n, to: bytes('low', 20), data: '0x7f' }, 'low');
await add('a zero byte', { chainId: 1, nonce: 9, gas: 21000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n, to: `0x${'0'.repeat(39)}1`, data: '0x00' }, 'zero');
await add('a contract made', { chainId: 84532, nonce: 0, gas: 500000n, maxFeePerGas: 2_000_000_000n, maxPriorityFeePerGas: 1_000_000n, data: bytes('code', 700) }, 'creation');
// The length of the length has three bytes; the file keeps the hash alone.
await add('65536 bytes of data', { chainId: 1, nonce: 1, gas: 1_000_000n, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n, to: bytes('long', 20), data: `0x${'ab'.repeat(65536)}` }, 'long');
Object.assign(transactions.at(-1), { data: null, fill: 'ab', times: 65536, raw: null });
// Enough signatures that some have an r or s with leading zeros; of the others, twenty are kept.
for (let i = 0; i < 800; i++) {
  const to = bytes(`payee ${i}`, 20);
  const words = i % 2 === 0
    ? { payee: to, units: i * 1_000_003 + 1 }
    : { orderIdHash: bytes(`order ${i}`, 32), client: to, contentHash: bytes(`content ${i}`, 32) };
  const data = i % 2 === 0
    ? encodeFunctionData({ abi: erc20, args: [to, BigInt(words.units)] })
    : encodeFunctionData({ abi: ready, args: [words.orderIdHash, to, words.contentHash] });
  await add(i % 2 === 0 ? 'a transfer' : 'a notice', {
    chainId: 84532, nonce: i, gas: 60000n, maxFeePerGas: 50_000_000n, maxPriorityFeePerGas: 1_000_000n, to: '0x036CbD53842c5426634e7929541eC2318f3dCF7e', data,
  }, `many ${i}`);
  Object.assign(transactions.at(-1), words);
  const { r, s } = parseTransaction(transactions.at(-1).raw);
  if (i >= 20 && r.length === 66 && s.length === 66 && !r.startsWith('0x00') && !s.startsWith('0x00')) transactions.pop();
}

const file = new URL('../../spec/ivxp/vectors/transactions.json', import.meta.url);
writeFileSync(file, JSON.stringify({ made: 'viem', transactions }, null, 1) + '\n');
console.log(`${transactions.length} transactions`);
