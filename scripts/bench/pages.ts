import type { JsonObject } from '../../src/core/json.ts';
import type { WatchedKind } from '../../src/facts/kinds.ts';
import { makeWorkload } from './workloads.ts';
import {
  type Made,
  makeAccount,
  makeBinding,
  makeNamespace,
  makeRole,
  namespacesIn,
  type WorldSize,
} from './world.ts';

const PAGE_ITEMS = 500;

/** One for everybody, and a stricter one where it counts. */
const POLICIES = [
  policy('everywhere', 0, {}, { medium: 'Warn', low: 'Ignore' }),
  policy('production', 100, { env: 'production' }, { critical: 'Deny', medium: 'Warn', low: 'Ignore' }),
];

function policy(name: string, priority: number, matchLabels: JsonObject, excess: JsonObject): Made {
  const spec = {
    priority,
    match: { namespaceSelector: { matchLabels } },
    onChange: { missing: 'Deny', excess, forbidden: 'Deny', undetermined: 'Warn' },
    allow: ['get,list,watch configmaps', 'get,list,watch configmaps everywhere'],
    forbid: ['preset:escalation'],
  };
  const object = { apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy', metadata: { name }, spec };
  return { kind: 'ScopePolicy', object };
}

/** The items of one page of a list, as JSON. */
export interface ListPage {
  readonly kind: WatchedKind;
  readonly text: string;
}

/** The whole world in pages of one kind each, so that at no time more than a few of them are there. */
export function* pagesOf(size: WorldSize): Generator<ListPage> {
  const open = new Map<WatchedKind, string[]>();
  for (const { kind, object } of everything(size)) {
    const items = open.get(kind) ?? [];
    open.set(kind, items);
    items.push(JSON.stringify(object));
    if (items.length === PAGE_ITEMS) {
      open.delete(kind);
      yield toPage(kind, items);
    }
  }
  for (const [kind, items] of open) yield toPage(kind, items);
}

function toPage(kind: WatchedKind, items: readonly string[]): ListPage {
  return { kind, text: `[${items.join(',')}]` };
}

export function* everything(size: WorldSize): Generator<Made> {
  yield* POLICIES;
  const makers: readonly (readonly [count: number, make: (of: WorldSize, at: number) => Made])[] = [
    [namespacesIn(size), makeNamespace],
    [size.accounts, makeAccount],
    [size.roles, makeRole],
    [size.bindings, makeBinding],
    [size.workloads, makeWorkload],
  ];
  for (const [count, make] of makers) {
    for (let at = 0; at < count; at += 1) yield make(size, at);
  }
}
