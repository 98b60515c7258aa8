// How many signatures viem recovers in a second, on one thread: the account that signed an IVXP proof of payment (EIP-191).
//   node viem-recover.mjs SECONDS   → recoveries per second, on one line
import { keccak256, recoverMessageAddress, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const seconds = Number(process.argv[2]);
const account = privateKeyToAccount(keccak256(toHex('posthouse benchmark')));
const signed = [];
for (let i = 0; i < 64; i++) {
  const message = `Order: ivxp-00000000-0000-4000-8000-${String(i).padStart(12, '0')} | Payment: ${keccak256(toHex(i))} | Timestamp: 2026-02-05T12:00:00.000Z`;
  signed.push({ message, signature: await account.signMessage({ message }) });
}

async function count(until) {
  let done = 0;
  for (; performance.now() < until; done++) {
    if (await recoverMessageAddress(signed[done % signed.length]) !== account.address) throw new Error('another account');
  }
  return done;
}

await count(performance.now() + 1000);
const began = performance.now();
const done = await count(began + 1000 * seconds);
console.log((done * 1000 / (performance.now() - began)).toFixed(1));
