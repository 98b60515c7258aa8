// Checks webhook signatures with the library of Standard Webhooks, which nobody here wrote.
//   node webhook.mjs  ← one JSON object {secret, headers, body} a line on standard input  → "good" or "bad: …" for each
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log('good');
  } catch (error) {
    console.log(`bad: ${error.message}`);
  }
}
