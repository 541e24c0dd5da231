import type { AccessReport, AccountAccess, ScopeAccess } from '../core/report/access-report.ts';

/** The access report as rows of one table: who holds what, by way of what, needed or not. */
export interface ReportRow {
  readonly key: string;
  readonly account: AccountAccess;
  readonly scope: ScopeAccess;
}

export const COLUMNS = ['account', 'state', 'risk', 'scope', 'via'] as const;

export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

export function reportRows({ accounts }: AccessReport): readonly ReportRow[] {
  return accounts.flatMap((account) =>
    account.scopes.map((scope, at) => ({
      key: `${account.namespace}/${account.serviceAccount}/${at}`,
      account,
      scope,
    })),
  );
}

const RISKS = ['critical', 'high', 'medium', 'low'];
const STATES = ['missing', 'excess', 'unknown', 'needed'];

const KEYS: Readonly<Record<Column, (row: ReportRow) => string | number>> = {
  account: ({ account }) => `${account.namespace}/${account.serviceAccount}`,
  state: ({ scope }) => STATES.indexOf(scope.state),
  risk: ({ scope }) => RISKS.indexOf(scope.risk),
  scope: ({ scope }) => scope.scope,
  via: ({ scope }) => scope.via,
};

/** Rows that are equal there stay in their order. */
export function sorted(rows: readonly ReportRow[], { column, descending }: Sorting): readonly ReportRow[] {
  const key = KEYS[column];
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, other] = [key(a), key(b)];
    if (one === other) return 0;
    return one < other ? -sign : sign;
  });
}

export function readSorting(search: string): Sorting {
  const text = new URLSearchParams(search).get('sort') ?? '';
  const column = COLUMNS.find((name) => name === text.replace(/^-/u, ''));
  return { column: column ?? 'risk', descending: text.startsWith('-') };
}
