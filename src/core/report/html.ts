import type { AccessReport, AccountAccess, ScopeAccess } from './access-report.ts';

/** The report as one page: no script, nothing from elsewhere, and every value as text. */
export function accessHtml(report: AccessReport): string {
  const { madeAt, incomplete, accounts } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access report</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Access report</h1>
<p>Made at ${text(madeAt)}, of facts ${text(String(report.factsAgeSeconds))} s old. ${accounts.length} service accounts.</p>
${list(incomplete)}
<table>
<caption>Service accounts</caption>
<thead><tr>${SUMMARY.map(heading).join('')}</tr></thead>
<tbody>
${accounts.map(summaryRow).join('\n')}
</tbody>
</table>
${accounts.map(section).join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
td.number { text-align: right; }
code { font-size: .95em; }
.excess, .missing { font-weight: 600; }
`;

const SUMMARY = [
  'Namespace',
  'Service account',
  'Workloads',
  'Held',
  'Needed',
  'Missing',
  'Unknown',
  'Excess: critical',
  'high',
  'medium',
  'low',
  'Vault roles',
];
const DETAIL = ['State', 'Risk', 'Scope', 'Via', 'Why'];

function heading(name: string): string {
  return `<th scope="col">${text(name)}</th>`;
}

function summaryRow(account: AccountAccess, at: number): string {
  const { namespace, serviceAccount, workloads, held, needed, missing, unknown, excess } = account;
  const numbers = [held, needed, missing, unknown, excess.critical, excess.high, excess.medium, excess.low];
  const cells = [
    text(namespace),
    `<a href="#account-${at}">${text(serviceAccount)}</a>`,
    workloads.map(({ kind, name, result }) => text(`${kind} ${name}: ${result}`)).join('<br>') || 'none',
  ];
  const roles = account.vaultRoles.map(({ role, policies }) => text(`${role} (${policies.join(', ')})`));
  return `<tr>${cells.map(cell).join('')}${numbers.map(numberCell).join('')}${cell(roles.join('<br>'))}</tr>`;
}

function section(account: AccountAccess, at: number): string {
  const { namespace, serviceAccount, shared, scopes, moreScopes, notes } = account;
  const said = [
    ...(shared ? ['Several workloads run as it.'] : []),
    ...notes,
    ...(moreScopes > 0 ? [`${moreScopes} more scopes are not listed.`] : []),
  ];
  const rows =
    scopes.length === 0
      ? '<p>It holds nothing beyond what every service account has.</p>'
      : `<table>
<caption>Scopes of ${text(`${namespace}/${serviceAccount}`)}</caption>
<thead><tr>${DETAIL.map(heading).join('')}</tr></thead>
<tbody>
${scopes.map(scopeRow).join('\n')}
</tbody>
</table>`;
  return `<section>
<h2 id="account-${at}">${text(`${namespace}/${serviceAccount}`)}</h2>
${list(said)}
${rows}
</section>`;
}

function scopeRow({ state, undetermined, risk, scope, via, why = '' }: ScopeAccess): string {
  const word = undetermined && state === 'missing' ? 'missing?' : state;
  const cells = [text(word), text(risk), `<code>${text(scope)}</code>`, text(via), text(why)];
  return `<tr class="${text(state)}">${cells.map(cell).join('')}</tr>`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${text(line)}</li>`).join('')}</ul>`;
}

function cell(html: string): string {
  return `<td>${html}</td>`;
}

function numberCell(number: number): string {
  return `<td class="number">${number}</td>`;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function text(value: string): string {
  return value.replaceAll(/[&<>"']/gu, (character) => ESCAPED[character] ?? '');
}
