import { shown } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import type { GrantStatus } from '../core/verdict/grants.ts';
import type { GrantVerdict, StoredGrant, Viewer } from './desk.ts';

/** What stands against a decision before it is written, each with what to do. */

type Objection = (facts: Deciding) => string | undefined;

export interface Deciding {
  readonly verdict: GrantVerdict;
  readonly viewer: Viewer;
  /** As it is now. */
  readonly grant: StoredGrant;
  /** Of the service account now; empty: there is none; `undefined`: it could not be read. */
  readonly accountUid: string | undefined;
}

const MAX_REASON = 2000;

/** In this order: who may not is told so before being told what changed. */
const OBJECTIONS: readonly Objection[] = [
  ({ verdict: { decision }, viewer, grant }) =>
    decision === 'Approve' && viewer.username === grant.spec.requester
      ? 'it is your own request: another person approves'
      : undefined,
  ({ verdict: { decision }, viewer }) =>
    decision === 'Approve' && isServiceAccount(viewer)
      ? `a person approves, not a service account (you are ${shown(viewer.username)}): use another context`
      : undefined,
  ({ verdict, grant }) =>
    verdict.grantUID === grant.uid
      ? undefined
      : 'it was deleted and made again since it was shown: look at it again',
  ({ grant }) =>
    grant.scopesDigest === ''
      ? 'its scopes or its duration can’t be read, so it waives nothing: ask for another one'
      : undefined,
  ({ verdict, grant }) =>
    verdict.scopesDigest === grant.scopesDigest
      ? undefined
      : 'it is not what was shown to you: look at it again',
  ({ verdict: { decision }, grant: { state } }) => againstState(decision, state),
  ({ verdict: { decision }, grant: { spec, namespace }, accountUid }) => {
    const { name, uid } = spec.serviceAccount;
    if (decision !== 'Approve' || uid === undefined || accountUid === undefined || uid === accountUid)
      return undefined;
    const what = accountUid === '' ? 'is gone' : 'was made again since';
    return `service account ${shown(`${namespace}/${name}`)} ${what}, and the grant is for the one before: ask for another one`;
  },
  ({ verdict: { reason } }) => againstReason(reason),
];

/** `undefined`: nothing stands against it. */
export function objectionTo(facts: Deciding): string | undefined {
  for (const object of OBJECTIONS) {
    const objection = object(facts);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

export function againstReason(reason: string): string | undefined {
  if (reason.trim() === '') return 'a reason is needed: it is kept with the decision';
  if (reason.length > MAX_REASON) return `the reason is too long: expected at most ${MAX_REASON} characters`;
  return undefined;
}

function isServiceAccount({ username, groups }: Viewer): boolean {
  return username.startsWith('system:serviceaccount:') || groups.includes('system:serviceaccounts');
}

/** Each is final, or has nothing to do any more. */
function againstState(
  decision: GrantVerdict['decision'],
  { state, expiresAtMs }: GrantStatus,
): string | undefined {
  switch (state) {
    case 'Pending':
    case 'Void':
      return undefined;
    case 'Active':
      return decision === 'Approve' ? `it is approved already${until(expiresAtMs)}` : undefined;
    case 'Rejected':
      return 'it was rejected, and that is final: ask for another one';
    case 'Revoked':
      return 'it was revoked, and that is final: ask for another one';
    case 'Expired':
      return `it has ended${expiresAtMs === undefined ? '' : ` at ${timeText(expiresAtMs)}`}: ask for another one`;
  }
}

function until(ms: number | undefined): string {
  return ms === undefined ? '' : `, until ${timeText(ms)}`;
}
