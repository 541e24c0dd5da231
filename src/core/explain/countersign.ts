/** Countersign's own refusals, as core/verdict/message.ts writes them. */
import type { Scope } from '../scope/scope.ts';
import { shellWord } from '../shell.ts';
import type { Reading } from './explanation.ts';
import type { Groups, Recogniser } from './recogniser.ts';
import { scopesIn } from './scopes.ts';
import { subjectOf } from './subject.ts';

/** Crockford's base32 has no i, l, o and u. */
export const DECISION_ID = /^d-[0-9a-hjkmnp-tv-z]{8}$/;

export const COUNTERSIGN: readonly Recogniser[] = [
  {
    name: 'denial',
    literals: [' as serviceaccount '],
    pattern:
      /(?<workload>(?<!\S)\S{1,520} \(\S{1,63}\) )?may not run as serviceaccount (?<account>[^\s:]{1,520}): (?<counts>[^[\n]{1,200})\[(?<id>d-[0-9a-hjkmnp-tv-z]{8}), policy (?<policy>[^\]\n]{1,300})\](?<lines>(?:\n[^\n]{0,1200}){0,20})/,
    read: denied,
  },
];

/** `  missing  get,list pods in shop  remark`: what is missing ends where two spaces follow. */
const MISSING = /^ {2}missing {1,8}(?<scope>(?:[^ ]| (?! ))+)/;

function denied({
  workload = '',
  account = '',
  counts = '',
  id = '',
  policy = '',
  lines = '',
}: Groups): Reading {
  const all = lines.split('\n').filter((line) => line.trim() !== '');
  const findings = all.filter((line) => line.startsWith('  '));
  const next = all.find((line) => line.startsWith('next: '))?.slice('next: '.length);
  const [namespace = '', name = ''] = account.split('/', 2);
  return {
    source: 'countersign',
    status: 403,
    cause: 'DeniedByCountersign',
    subject: subjectOf(`system:serviceaccount:${namespace}:${name}`),
    missing: findings.flatMap(missingOf),
    decision: id,
    evidence: [
      `${workload}may not run as serviceaccount ${account}: ${counts}[${id}, policy ${policy}]`,
      ...findings.map((line) => line.trim()),
    ],
    fix: [
      ...(next === undefined ? [] : next.split('; or: ')),
      `countersign explain ${id} -n ${shellWord(namespace)} says more`,
    ],
  };
}

function missingOf(line: string): readonly Scope[] {
  return scopesIn(MISSING.exec(line)?.groups?.['scope'] ?? '');
}
