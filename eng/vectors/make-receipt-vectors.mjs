// Writes the vectors of receipts and receipt bundles, signed by viem's wallets, which nobody here wrote. Keys are derived from
// labels, so that no secret is ever stored.
//
//   npm ci && npm run receipts

import { writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'
import { keccak256, toBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const out = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../spec/ivxp/vectors')
const client = privateKeyToAccount(keccak256(toBytes('posthouse vector key 0')))
const provider = privateKeyToAccount(keccak256(toBytes('posthouse vector key 1')))
const stranger = privateKeyToAccount(keccak256(toBytes('posthouse vector key 2')))

const order = 'ivxp-7b0c2f5e-3d41-4c8e-9a55-0f6f0e6c1a22'
const other = 'ivxp-7b0c2f5e-3d41-4c8e-9a55-0f6f0e6c1a23'
const tx = `0x${'ab'.repeat(32)}`
const content = { title: 'Tide tables', body: 'High water at noon.' }
const sha = (text) => createHash('sha256').update(text).digest('hex')
const digest = sha(JSON.stringify(content))
const hash = `sha256:${digest}`
const python = sha('{"body": "High water at noon.", "title": "Tide tables"}')

const proof = `Order: ${order} | Payment: ${tx} | Timestamp: 2026-02-05T12:10:00.000Z`
const vouched = `Order: ${order} | Delivered: 2026-02-05T14:00:00.000Z | Content-Hash: ${hash}`
const received = `Order: ${order} | Received: true | Hash: ${hash} | Timestamp: 2026-02-05T16:00:00.000Z`
const confirmed = `Confirm delivery: ${order} | Timestamp: 2026-02-05T16:00:00.000Z`
const satisfied = `Order: ${order} | Received: 2026-02-05T16:00:00.000Z | Satisfied: true`
const disputed = `Order: ${order} | Received: false | Hash: none | Timestamp: 2026-02-05T16:00:00.000Z`
const sign = (account, message) => account.signMessage({ message })
const lower = (address) => address.toLowerCase()

async function bundle() {
  return {
    format: 'ivxp-receipt/1', order_id: order, protocol: 'IVXP/1.1', made_at: '2026-02-06T00:00:00.000Z', made_by: 'provider',
    quote: {
      provider_agent: { name: 'P', wallet_address: lower(provider.address) }, client_address: lower(client.address), service_type: 'research',
      price_usdc: 50, payment_address: lower(provider.address), network: 'base-sepolia', token_contract: '0x036cbd53842c5426634e7929541ec2318f3dcf7e',
      quoted_at: '2026-02-05T12:00:00.000Z', pay_until: '2026-02-05T13:00:00.000Z',
    },
    payment: {
      tx_hash: tx, network: 'base-sepolia', amount_usdc: 50, block_number: 1200, block_time: '2026-02-05T12:09:58.000Z', signed_message: proof,
      signature: await sign(client, proof),
    },
    delivery: {
      content_hash: hash, content_hash_raw: digest, content_hash_python: python, completed_at: '2026-02-05T14:00:00.000Z', signed_message: vouched,
      signature: await sign(provider, vouched),
    },
    receipt: {
      form: 'C1', signed_message: received, signature: await sign(client, received), satisfaction_rating: 5, recorded_at: '2026-02-05T16:00:01.000Z',
    },
  }
}

function edited(good, edit) {
  const copy = structuredClone(good)
  edit(copy)
  return copy
}

async function bundles() {
  const good = await bundle()
  const forged = await sign(stranger, received)
  const elsewhere = received.replace(hash, `sha256:${sha('another')}`)
  const pythonText = received.replace(hash, python)
  const cases = [
    ['whole', good, 'sound'],
    ['without a receipt', edited(good, (b) => delete b.receipt), 'sound'],
    ['only a quote', edited(good, (b) => { delete b.payment; delete b.delivery; delete b.receipt }), 'sound'],
    ['a receipt that names no content', edited(good, (b) => Object.assign(b.receipt, { form: 'C2', signed_message: confirmed })), 'sound'],
    ['the oldest receipt', edited(good, (b) => Object.assign(b.receipt, { form: 'C3', signed_message: satisfied })), 'sound'],
    ['a receipt by the python digest', edited(good, (b) => Object.assign(b.receipt, { signed_message: pythonText })), 'sound'],
    ['a dispute', edited(good, (b) => { delete b.receipt; b.dispute = { form: 'X1', signed_message: disputed, reason: 'Nothing came.' } }), 'sound'],
    ['a receipt signed by a stranger', edited(good, (b) => { b.receipt.signature = forged }), 'receipt'],
    ['a receipt for another content', edited(good, (b) => { b.receipt.signed_message = elsewhere }), 'receipt'],
    ['a receipt for another order', edited(good, (b) => { b.receipt.signed_message = received.replace(order, other) }), 'receipt'],
    ['a proof of payment in place of a receipt', edited(good, (b) => { b.receipt.signed_message = proof }), 'receipt'],
    ['a dispute in place of a receipt', edited(good, (b) => { b.receipt.signed_message = disputed }), 'receipt'],
    ['a delivery signed by the client', edited(good, (b) => { b.delivery.signer = 'client' }), 'delivery'],
    ['another content than the signed one', edited(good, (b) => { b.delivery.content_hash = `sha256:${sha('another')}` }), 'delivery'],
    ['another payment than the signed one', edited(good, (b) => { b.payment.tx_hash = `0x${'cd'.repeat(32)}` }), 'payment'],
    ['less paid than quoted', edited(good, (b) => { b.payment.amount_usdc = 49.999999 }), 'payment'],
    ['paid on another network', edited(good, (b) => { b.payment.network = 'base-mainnet' }), 'payment'],
    ['paid too late', edited(good, (b) => { b.payment.block_time = '2026-02-05T13:00:01.000Z' }), 'times'],
    ['complete before it was quoted', edited(good, (b) => { b.quote.quoted_at = '2026-02-05T15:00:00.000Z' }), 'times'],
    ['received before it was complete', edited(good, (b) => { b.receipt.signed_message = received.replace('T16', 'T13') }), 'times'],
    ['another token', edited(good, (b) => { b.quote.token_contract = `0x${'11'.repeat(20)}` }), 'quote'],
    ['a rating beyond five', edited(good, (b) => { b.receipt.satisfaction_rating = 6 }), 'rating'],
  ]
  const written = []
  for (const [name, value, expected] of cases) {
    // What was edited is signed anew, so that each case is wrong in one thing alone.
    if (value.receipt && value.receipt.signature !== forged) value.receipt.signature = await sign(client, value.receipt.signed_message)
    if (value.dispute) value.dispute = { form: 'X1', signed_message: disputed, signature: await sign(client, disputed), reason: value.dispute.reason }
    if (value.delivery?.signer) {
      delete value.delivery.signer
      value.delivery.signature = await sign(client, vouched)
    }
    written.push({ name, expected, bundle: value })
  }
  return { content, cases: written }
}

async function confirmations() {
  const agent = { name: 'C', wallet_address: lower(client.address) }
  return {
    'delivery-confirmation': {
      order_id: order, protocol: 'IVXP/1.1', message_type: 'delivery_confirmation', timestamp: '2026-02-05T16:00:00.000Z', client_agent: agent,
      confirmation: { received: true, content_hash: hash, received_at: '2026-02-05T15:59:59.000Z', satisfaction_rating: 5 },
      signature: await sign(client, received), signed_message: received,
    },
    'delivery-confirmation.workflow': {
      order_id: order, protocol: 'IVXP/1.0', message_type: 'delivery_confirmation', timestamp: '2026-02-05T16:00:00.000Z',
      confirmation: { message: confirmed, signature: await sign(client, confirmed), signer: lower(client.address) },
    },
    'delivery-confirmation.skill': {
      order_id: order, status: 'received', content_hash: hash, satisfaction_rating: 4, signature: await sign(client, satisfied), signed_message: satisfied,
    },
    'delivery-confirmation.dispute': {
      order_id: order, protocol: 'IVXP/1.1', message_type: 'delivery_confirmation', timestamp: '2026-02-05T16:00:00.000Z', client_agent: agent,
      confirmation: { received: false, content_hash: 'none', reason: 'Nothing came.' }, signature: await sign(client, disputed), signed_message: disputed,
    },
  }
}

const write = (name, value, spaces) => writeFileSync(join(out, name), JSON.stringify(value, null, spaces) + '\n')
const all = await bundles()
write('receipts.json', all, 1)
write('messages/receipt-bundle.json', await bundle())
write('messages/receipt-bundle.minimal.json', all.cases[2].bundle)
for (const [name, value] of Object.entries(await confirmations())) write(`messages/${name}.json`, value)
