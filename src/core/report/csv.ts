import type { AccessReport } from './access-report.ts';

const HEADER = [
  'namespace',
  'serviceAccount',
  'shared',
  'workloads',
  'results',
  'state',
  'undetermined',
  'risk',
  'scope',
  'via',
  'why',
  'vaultRoles',
  'madeAt',
] as const;

/** A line a scope, and one for an account without any; as RFC 4180 has it, with a header. */
export function accessCsv({ accounts, madeAt }: AccessReport): string {
  const rows = accounts.flatMap((account) => {
    const { namespace, serviceAccount, shared, workloads, vaultRoles, scopes } = account;
    const who = [
      namespace,
      serviceAccount,
      String(shared),
      workloads.map(({ kind, name }) => `${kind} ${name}`).join('; '),
      workloads.map(({ result }) => result).join('; '),
    ];
    const roles = vaultRoles.map(({ role, policies }) => `${role} (${policies.join(' ')})`).join('; ');
    if (scopes.length === 0) return [[...who, '', '', '', '', '', '', roles, madeAt]];
    return scopes.map(({ state, undetermined, risk, scope, via, why = '' }) => [
      ...who,
      state,
      String(undetermined),
      risk,
      scope,
      via,
      why,
      roles,
      madeAt,
    ]);
  });
  return [HEADER, ...rows].map((row) => row.map(csvField).join(',')).join('\r\n');
}

/** Spreadsheets run what starts like a formula; after an apostrophe it is text (OWASP, CSV injection). */
export function csvField(text: string): string {
  const inert = /^[=+\-@\t\r\n]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
