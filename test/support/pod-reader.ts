/**
 * The program of a pod that reads its credentials again and again, and is called when they are swapped. It prints one
 * line of JSON, without any value, and ends. Bundled by `node-program.ts`; its argument is for how many seconds it reads.
 */
import { readlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FILES_PATH } from '../../src/core/inject/names.ts';
import { readFor } from './agent-reader.ts';

export interface PodReading {
  readonly reads: number;
  /** How often another set took the place of the one before. */
  readonly swaps: number;
  /** How many different tokens were seen. */
  readonly tokens: number;
  readonly notified: number;
  readonly problems: readonly string[];
}

const patienceMilliseconds = 20_000;
const pollMilliseconds = 20;

let notified = 0;
const server = createServer((_, response) => {
  notified += 1;
  response.end();
});

/** Asks Vault, by the token itself. */
function isAlive(token: string): Promise<boolean> {
  const { BAO_ADDRESS: address, BAO_CA: ca } = process.env;
  return new Promise((resolve, reject) => {
    const url = `${address ?? ''}/v1/auth/token/lookup-self`;
    request(url, { ...(ca !== undefined && { ca }), headers: { 'X-Vault-Token': token } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', reject)
      .end();
  });
}

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patienceMilliseconds;
  while (!(await met()) && Date.now() < end) await sleep(pollMilliseconds);
}

async function main(seconds: number): Promise<void> {
  server.listen(Number(process.env['NOTIFY_PORT']), '127.0.0.1');
  const { reads, sets, tokens, problems } = await readFor(FILES_PATH, seconds, isAlive);
  // Up to the next swap: right behind one, none is under way of which the call is still to come.
  await until(async () => (await readlink(join(FILES_PATH, '..data'))) !== sets.at(-1));
  const swaps = sets.length;
  await until(() => notified >= swaps);
  const reading: PodReading = { reads, swaps, tokens: tokens.length, notified, problems };
  process.stdout.write(`${JSON.stringify(reading)}\n`);
  server.close();
  server.closeAllConnections();
}

await main(Number(process.argv[1]));
