// Writes spec/ivxp/vectors/signing.json and canonical-json.json with tools nobody here wrote: viem for wallets, and the
// JavaScript engine's own JSON.stringify. Keys are derived from labels, so that no secret is ever stored.
//
//   npm ci && npm run vectors

import { writeFileSync, mkdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'
import { keccak256, toBytes, hashMessage } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const out = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../spec/ivxp/vectors')

// A small generator of fixed numbers (mulberry32): the files must come out the same on every run.
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

const next = numbers(20260205)
const pick = (list) => list[next() % list.length]
const digest = (label) => createHash('sha256').update(label).digest('hex')
const orderId = (n) => {
  const h = digest(`order ${n}`)
  return `ivxp-${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${'89ab'[n % 4]}${h.slice(17, 20)}-${h.slice(20, 32)}`
}

function texts() {
  const alphabets = ['abcdefghijklmnopqrstuvwxyz 0123456789', 'äöüßéèñç ÆØÅ', 'дело почта ключ', '郵便局日本語', '🚀📮🔑👩‍🔬🏳️‍🌈', '\u0000\u001f\n\r\t\u007f\u2028']
  const list = ['', ' ', '\n', 'a', 'Hello, Ethereum!', '\u0019Ethereum Signed Message:\n5hello', 'e\u0301 is not \u00e9', '0x', '0x00ff']
  for (let i = 0; i < 60; i++)
    list.push(`Order: ${orderId(i)} | Payment: ${keccak256(toBytes(`tx ${i}`))} | Timestamp: 2026-02-05T12:${String(i).padStart(2, '0')}:00.000Z`)
  for (let i = 0; i < 20; i++)
    list.push(`Order: ${orderId(i)} | Received: ${i % 2 ? 'true' : 'false'} | Hash: sha256:${digest(`content ${i}`)} | Timestamp: 2026-02-05T12:00:00.${String(i).padStart(3, '0')}Z`)
  for (const alphabet of alphabets) {
    const signs = [...alphabet]
    for (let i = 0; i < 18; i++)
      list.push(Array.from({ length: 1 + (next() % 60) }, () => pick(signs)).join(''))
  }
  // Around the sponge's rate of 136 bytes and the decimal lengths of the prefix.
  for (const length of [8, 9, 10, 98, 99, 100, 101, 107, 108, 109, 110, 135, 136, 137, 243, 244, 245, 999, 1000, 10000, 65536])
    list.push('x'.repeat(length))
  list.push('ü'.repeat(5000))
  return list
}

async function signing() {
  const accounts = Array.from({ length: 8 }, (_, n) => {
    const label = `posthouse vector key ${n}`
    return { label, account: privateKeyToAccount(keccak256(toBytes(label))) }
  })
  const cases = []
  for (const text of texts()) {
    const { label, account } = accounts[cases.length % accounts.length]
    cases.push({ key_label: label, address: account.address, text, digest: hashMessage(text), signature: await account.signMessage({ message: text }) })
  }
  return { made_with: 'viem 2.45.0', key: 'keccak256(utf8(key_label))', cases }
}

function documents() {
  const list = [
    'null', 'true', 'false', '""', '[]', '{}', ' [ 1 , 2 ] ', '{"a":{},"b":[]}', '[[[[]]]]', '{"b":1,"a":2}',
    '{"10":1,"9":2,"b":3,"01":4,"-1":5,"a":6,"0":7}', '{"4294967294":1,"4294967295":2,"4294967296":3,"x":4,"5":5}', '{"1.0":1,"1e3":2,"3":3," 1":4}',
    '{"a":1,"b":2,"a":3}', '{"2":1,"1":2,"2":3}', '{"":1}', '{"__proto__":1,"constructor":2}', '{"\\u0061":1,"a":2}', '{"\\u0031":1,"b":2,"0":3}',
    '"\\ud800"', '"\\udc00"', '"\\ud83d\\ude80"', '"\\ude80\\ud83d"', '"a\\ud800b"', '"\\ud800\\ud800\\udc00"', '{"\\ud800":"\\udfff"}', '"🚀 \u2028\u2029 \u007f\u00a0 é"',
    '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '"<script>&\'+`"', '"\\u0000\\u0001\\u001f\\u0020\\u007f\\u0080\\u009f"', '"\\uFEFF\\uFFFF\\ufffe"',
    '{"title":"Report","body":"# Heading\\n\\ntext","sources":["https://example.org/a?b=1&c=2"]}', '{"text":"hello"}',
  ]
  const figures = ['0', '-0', '0.0', '-0.0', '0e5', '-0e-5', '1', '-1', '1.0', '1.50', '100', '1e2', '1E2', '1e+2', '1e-2', '0.1', '0.30000000000000004', '1e20', '1e21', '123456789012345680000',
    '1234567890123456800000', '1e-6', '1e-7', '1.5e-7', '0.000001', '0.0000001', '0.00000123', '9007199254740991', '9007199254740992', '9007199254740993', '18446744073709551615',
    '5e-324', '2e-324', '1.7976931348623157e308', '1e308', '1e309', '-1e400', '4.35', '4.349999999999999', '123e-20', '1e23', '1.2e21', '12.5e20', '-1.5', '-1e21', '-1e-7', '0.5', '5e-1', '50', '4.9406564584124654e-324',
    '3.14159265358979323846264338327950288', '100000000000000000000000', '2.2250738585072014e-308', '33333333.333333332', '1000000000000000128']
  list.push(...figures, `[${figures.join(',')}]`)
  const bits = new DataView(new ArrayBuffer(8))
  while (list.length < 150) {
    bits.setUint32(0, next())
    bits.setUint32(4, next())
    const value = bits.getFloat64(0)
    if (Number.isFinite(value)) list.push(next() % 2 ? value.toExponential() : value.toPrecision(17))
  }
  for (let i = 0; i < 30; i++)
    list.push(JSON.stringify(tree(0)))
  return list
}

function tree(depth) {
  const kind = next() % (depth > 3 ? 4 : 6)
  if (kind === 0) return (next() - 2 ** 31) / pick([1, 10, 1000, 2 ** 40])
  if (kind === 1) return pick([true, false, null])
  if (kind < 4) return Array.from({ length: next() % 9 }, () => String.fromCodePoint(pick([34, 92, 10, 65, 233, 0x2028, 0x1f680, 0xd800, next() % 128]))).join('')
  const size = next() % 5
  if (kind === 4) return Array.from({ length: size }, () => tree(depth + 1))
  return Object.fromEntries(Array.from({ length: size }, () => [pick(['b', 'a', '7', '30', 'é', '']) + pick(['', '', '1', 'x']), tree(depth + 1)]))
}

function canonical() {
  const cases = documents().map((input) => {
    const value = JSON.parse(input)
    const output = JSON.stringify(value)
    const raw = typeof value === 'string' ? value : output
    return { input, output, sha256: createHash('sha256').update(output).digest('hex'), raw_sha256: createHash('sha256').update(raw).digest('hex') }
  })
  return { made_with: `node ${process.version}`, cases }
}

mkdirSync(out, { recursive: true })
for (const [name, vectors] of [['signing.json', await signing()], ['canonical-json.json', canonical()]]) {
  writeFileSync(join(out, name), JSON.stringify(vectors, null, 1) + '\n')
  console.log(`${name}: ${vectors.cases.length} cases`)
}
