import { readContents } from '../../src/keys/contents.ts';
import { dueSteps, type Moment } from '../../src/keys/due.ts';
import { type Change, takeStep } from '../../src/keys/make.ts';

/** `data` of the Secret of keys, as the leader fills it. */
export type SecretData = Readonly<Record<string, string>>;

export const NAMES = ['countersign.countersign.svc', 'countersign.countersign'];
export const NOTHING_SETTLED = { contents: false, bundle: false, path: false };
export const ALL_SETTLED = { contents: true, bundle: true, path: true };

export function moment(change: Partial<Moment> = {}): Moment {
  return { now: new Date(), settled: NOTHING_SETTLED, asked: new Set(), names: NAMES, ...change };
}

function changed(data: SecretData, change: Change): SecretData {
  const entries = new Map(Object.entries(data));
  for (const [entry, value] of Object.entries(change)) {
    if (value === null) entries.delete(entry);
    else entries.set(entry, value.toString('base64'));
  }
  return Object.fromEntries(entries);
}

/** Takes what is due, once. */
export async function advanced(data: SecretData, at: Moment): Promise<SecretData> {
  const { keys } = readContents(data);
  const making = { now: at.now, names: at.names ?? [] };
  const changes = await Promise.all(dueSteps(keys, at).map((step) => takeStep(step, keys, making)));
  return changes.reduce(changed, data);
}

/** As an empty Secret is filled: until nothing is due. */
export async function filled(data: SecretData = {}, at: Moment = moment()): Promise<SecretData> {
  const next = await advanced(data, at);
  return JSON.stringify(next) === JSON.stringify(data) ? data : filled(next, at);
}

export function decoded(data: SecretData, entry: string): string {
  return Buffer.from(data[entry] ?? '', 'base64').toString('utf8');
}
