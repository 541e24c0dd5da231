import { Option } from 'commander';
import type { StoredDecision, StoredDenial, StoredGrant } from '../desk/desk.ts';
import { manifest } from './manifest.ts';

/** Objects as kubectl prints them with -o. What is not ASCII is escaped, so that nothing hides from a reader. */
export type ObjectFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

export const OBJECT_FORMATS: readonly ObjectFormat[] = ['table', 'wide', 'json', 'yaml', 'name'];

export function outputOption<T extends string>(formats: readonly T[], fallback: T): Option {
  return new Option('-o, --output <format>', 'how to print').choices([...formats]).default(fallback);
}

type Kind = 'Denial' | 'AccessGrant' | 'AccessDecision';
type Stored = StoredDenial | StoredGrant | StoredDecision;

const PLURALS: Readonly<Record<Kind, string>> = {
  Denial: 'denials',
  AccessGrant: 'accessgrants',
  AccessDecision: 'accessdecisions',
};

/** @param one it was asked for by its name: no list around it. */
export function printObjects(
  format: 'json' | 'yaml' | 'name',
  kind: Kind,
  stored: readonly Stored[],
  one = false,
): string {
  if (format === 'name')
    return stored.map(({ name }) => `${PLURALS[kind]}.countersign.dev/${name}`).join('\n');
  const items = stored.map((object) => objectOf(kind, object));
  const [first] = items;
  const printed = one && first !== undefined ? first : { apiVersion: 'v1', kind: 'List', items };
  return format === 'yaml' ? manifest(plain(printed)) : json(printed);
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /[^ -~\n]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Without what is undefined or null. */
export function plain(value: object): Parameters<typeof manifest>[0] {
  const text = JSON.stringify(value);
  return JSON.parse(text, (_, item: unknown) => item ?? undefined) as Parameters<typeof manifest>[0];
}

function objectOf(kind: Kind, stored: Stored): object {
  const { namespace, name, spec } = stored;
  const metadata = {
    name,
    namespace,
    ...('uid' in stored && { uid: stored.uid }),
    ...('createdAt' in stored && { creationTimestamp: stored.createdAt }),
  };
  const status = 'status' in stored ? { status: stored.status } : {};
  return { apiVersion: 'countersign.dev/v1alpha1', kind, metadata, spec, ...status };
}
