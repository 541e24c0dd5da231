/**
 * Collects refusals from the real servers anew and puts them into `test/golden/explain/messages.yaml`. Causes there are a
 * person's: they stay as they are, and a message that is new has none yet.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { startCluster } from './cluster/up.ts';
import { collectAdmission } from './collect/admission.ts';
import { collectKubernetes } from './collect/kubernetes.ts';
import type { Collected } from './collect/message.ts';
import { signingRequest } from './collect/signing-request.ts';
import { collectVault } from './collect/vault.ts';

const FILE = new URL('../test/golden/explain/messages.yaml', import.meta.url);
const HEAD = `# Refusals of real servers, what they mean, and what is missing. Collected by scripts/collect-403.ts; those of
# RFCs and of services are copied from where they say. The cause is a person's reading.
`;

/** Beside `source` and `cause` there may be `status` and `missing`. */
interface Row extends Collected {
  readonly source: string;
  readonly cause: string;
}

const UNREAD = { source: '?', cause: '?' };

const cluster = await startCluster();
try {
  const messages = [
    ...(await collectKubernetes(cluster, await signingRequest())),
    ...(await collectAdmission(cluster)),
    ...(await collectVault('OpenBao', cluster)),
    ...(await collectVault('Vault', cluster)),
  ];
  const rows = (parse(await readFile(FILE, 'utf8').catch(() => '[]')) ?? []) as readonly Row[];
  const known = new Map(rows.map((row) => [row.id, row]));
  const fresh = messages.map((message) => {
    const { id, from, text } = message;
    return { id, from, text, ...readingOf(known.get(id)) };
  });
  const collected = new Set(messages.map(({ id }) => id));
  const kept = rows.filter(({ id }) => !collected.has(id));
  await writeFile(FILE, `${HEAD}${stringify([...fresh, ...kept], { lineWidth: 0 })}`);
  console.log(`${messages.length} collected, ${kept.length} kept`);
} finally {
  await cluster.stop();
}

/** What a person has made of it. */
function readingOf(row: Row | undefined): object {
  if (row === undefined) return UNREAD;
  const { id: _id, from: _from, text: _text, ...reading } = row;
  return reading;
}
