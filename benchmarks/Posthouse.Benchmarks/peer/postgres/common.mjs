// What both peers share: a server by its connection string, and lines "what<TAB>value<TAB>unit" on standard output.
import pg from 'pg';

export const connectionString = process.argv[2];
export const payload = { text: 'x'.repeat(180) };

export const now = () => Number(process.hrtime.bigint()) / 1e6;
export const print = (what, value, unit) => console.log(`${what}\t${value}\t${unit}`);

/** Callers that wait for each answer, for some seconds; the rate they get together. */
export async function rateOf(callers, seconds, call) {
  const until = now() + seconds * 1000;
  let count = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (now() < until) {
      await call();
      count++;
    }
  }));
  return count / seconds;
}

export function percentile(values, percent) {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * percent / 100))];
}

/** A pool of connections, as large as the callers that use it. */
export const pool = size => new pg.Pool({ connectionString, max: size });
