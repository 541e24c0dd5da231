import type { StoredDenial, StoredGrant } from '../desk/desk.ts';

/** Which rows are shown. Values are those of the address. */

export const FILTERS = ['state', 'namespace', 'account', 'risk', 'text'] as const;

export type FilterName = (typeof FILTERS)[number];
export type Filters = Readonly<Record<FilterName, string>>;

/** `waiting`: there is something to do. */
export const WAITING = 'waiting';

export const RISK_ORDER = ['critical', 'high', 'medium', 'low'] as const;

export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const value = (name: FilterName) => (query.get(name) ?? '').slice(0, 253);
  return {
    state: value('state'),
    namespace: value('namespace'),
    account: value('account'),
    risk: value('risk'),
    text: value('text'),
  };
}

export interface DenialRow {
  readonly denial: StoredDenial;
  /** Of the worst finding; empty: none has one. */
  readonly risk: string;
  /** Asked for it, and nobody has decided yet. */
  readonly pending: readonly StoredGrant[];
}

/** What waits for a decision first, then what is open, worst and newest first. */
export function denialRows(
  denials: readonly StoredDenial[],
  grants: readonly StoredGrant[],
): readonly DenialRow[] {
  const waiting = Map.groupBy(
    grants.filter(({ state }) => state.state === 'Pending'),
    ({ namespace, spec }) => `${namespace}/${spec.decision ?? ''}`,
  );
  return denials
    .map((denial) => ({
      denial,
      risk: RISK_ORDER.find((risk) => denial.spec.findings.some((finding) => finding.risk === risk)) ?? '',
      pending: waiting.get(`${denial.namespace}/${denial.name}`) ?? [],
    }))
    .toSorted((a, b) => rank(a) - rank(b) || lastSeen(b).localeCompare(lastSeen(a)));
}

function rank({ denial, pending, risk }: DenialRow): number {
  if (pending.length > 0) return 0;
  const open = (denial.status.state ?? 'Open') === 'Open';
  return (open ? 10 : 20) + (risk === '' ? RISK_ORDER.length : RISK_ORDER.indexOf(risk as 'low'));
}

function lastSeen({ denial }: DenialRow): string {
  return denial.status.lastSeen ?? '';
}

export function matches({ denial, risk, pending }: DenialRow, filters: Filters): boolean {
  const { namespace, name, spec, status } = denial;
  const state = status.state ?? 'Open';
  const isState = filters.state === WAITING ? pending.length > 0 : isOrAny(filters.state, state);
  const haystack = [
    name,
    namespace,
    spec.workload.kind,
    spec.workload.name,
    spec.serviceAccount.name,
    spec.policy,
    ...(status.requesters ?? []).map((requester) => requester.name),
    ...spec.findings.flatMap(({ scope = '', via = '' }) => [scope, via]),
  ];
  return (
    isState &&
    isOrAny(filters.namespace, namespace) &&
    isOrAny(filters.account, spec.serviceAccount.name) &&
    isOrAny(filters.risk, risk) &&
    hasText(filters.text, haystack)
  );
}

export function matchesGrant({ namespace, name, spec, state }: StoredGrant, filters: Filters): boolean {
  const { serviceAccount, workload, scopes = [], requester, reason, ticket = '', decision = '' } = spec;
  return (
    isOrAny(filters.state, state.state) &&
    isOrAny(filters.namespace, namespace) &&
    isOrAny(filters.account, serviceAccount.name) &&
    hasText(filters.text, [name, requester, reason, ticket, decision, workload?.name ?? '', ...scopes])
  );
}

function isOrAny(wanted: string, value: string): boolean {
  return wanted === '' || wanted === value;
}

function hasText(wanted: string, texts: readonly string[]): boolean {
  const words = wanted.toLowerCase().split(/\s+/u).filter(Boolean);
  return words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
}

/** The values that rows have, for a list to choose from. */
export function valuesOf(values: readonly string[], chosen: string): readonly string[] {
  return [...new Set(chosen === '' ? values : [...values, chosen])].toSorted();
}
