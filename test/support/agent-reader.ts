/** A program that opens its files again and again, as one that trusts nothing would. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Reading {
  readonly reads: number;
  /** Names of the sets, in the order in which they were seen. */
  readonly sets: readonly string[];
  readonly tokens: readonly string[];
  /** What was wrong, and when. */
  readonly problems: readonly string[];
}

const everyMilliseconds = 10;
const askEveryMilliseconds = 200;

/** Reads the set of `sidecarConfig` for so many seconds; `isAlive` asks for a token. */
export async function readFor(
  dir: string,
  seconds: number,
  isAlive: (token: string) => Promise<boolean>,
): Promise<Reading> {
  const startedAt = Date.now();
  const sets: string[] = [];
  const tokens: string[] = [];
  const problems: string[] = [];
  let reads = 0;
  let askedAt = 0;
  while (Date.now() - startedAt < seconds * 1000) {
    try {
      // Each file by its path, as a program does; then all of one set.
      await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
      const { set, token } = await readSet(dir);
      if (sets.at(-1) !== set) sets.push(set);
      if (!tokens.includes(token)) tokens.push(token);
      if (Date.now() - askedAt > askEveryMilliseconds) {
        askedAt = Date.now();
        demand(await isAlive(token));
      }
      reads += 1;
    } catch (error) {
      problems.push(`${((Date.now() - startedAt) / 1000).toFixed(2)} s: ${String(error)}`);
    }
    await sleep(everyMilliseconds);
  }
  return { reads, sets, tokens, problems };
}

const names = ['kv.json', 'tls.crt', 'tls.key', 'token'];

function demand(alive: boolean): void {
  if (!alive) throw new Error('the token has ended');
}

async function readSet(dir: string): Promise<{ set: string; token: string }> {
  const set = await readlink(join(dir, '..data'));
  const [json = '', crt = '', key = '', token = ''] = await Promise.all(
    names.map((name) => readFile(join(dir, set, name), 'utf8')),
  );
  JSON.parse(json);
  const certificate = new X509Certificate(crt);
  if (certificate.validToDate.getTime() < Date.now()) throw new Error('the certificate has ended');
  if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('a key of another certificate');
  if (token === '') throw new Error('an empty token');
  return { set, token };
}
