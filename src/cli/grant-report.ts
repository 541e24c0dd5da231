import { shown } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import type { StoredGrant } from '../desk/desk.ts';

/** A grant as somebody is to see it before deciding: all that gives it its reach, and who asks why. */
export function grantLines(grant: Pick<StoredGrant, 'namespace' | 'spec'>): readonly string[] {
  const { namespace, spec } = grant;
  const {
    serviceAccount,
    workload,
    scopes = [],
    checks,
    reason,
    ticket,
    duration,
    requester,
    decision,
  } = spec;
  const uid = serviceAccount.uid === undefined ? 'whichever has the name' : `uid ${serviceAccount.uid}`;
  const facts: readonly (readonly [string, string])[] = [
    ['account', `${namespace}/${serviceAccount.name} (${uid})`],
    [
      'workload',
      workload === undefined ? 'every workload of the account' : `${workload.kind} ${workload.name}`,
    ],
    ['waives', checks.join(', ')],
    ...scopes.map((scope, at): readonly [string, string] => [at === 0 ? 'scopes' : '', scope]),
    ...(scopes.length === 0 ? [['scopes', 'none: only what has no scope is waived'] as const] : []),
    ['for', `${duration} from the approval on, at most what the policy allows`],
    ['asked by', requester],
    ['reason', reason],
    ['ticket', ticket ?? ''],
    ['denial', decision ?? ''],
  ];
  return facts.flatMap(([label, text]) => (text === '' ? [] : [`  ${label.padEnd(9)} ${shown(text, 2000)}`]));
}

/** How it stands. */
export function standingText({ state: { state, expiresAtMs } }: Pick<StoredGrant, 'state'>): string {
  return expiresAtMs === undefined ? state : `${state} until ${timeText(expiresAtMs)}`;
}
