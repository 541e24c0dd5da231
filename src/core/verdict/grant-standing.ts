import { printDuration } from '../duration.ts';
import { counted, shown } from '../text.ts';
import { timeText } from '../time.ts';
import {
  decidingDecision,
  type GrantDecision,
  type GrantRecord,
  grantState,
  scopesDigest,
  type VoidReason,
  voidReason,
} from './grants.ts';

/** What a grant's state is judged by, beside the grant and the decisions. */
export interface StandingContext {
  readonly nowMs: number;
  readonly policy: string;
  readonly maxDurationSeconds: number;
  /** Of the service account as it is now; `undefined`: there is none. */
  readonly accountUid: string | undefined;
}

const VOID: Readonly<Record<VoidReason, string>> = {
  OtherGrant: 'it names another grant',
  OtherUID: 'it is about another grant of this name, which is gone (grantUID)',
  OtherRequester: 'it names another requester than the grant does',
  OtherScopes: 'it was made of something else than the grant says (scopesDigest)',
  OwnRequest: 'who asks does not approve',
  ServiceAccount: 'a person approves, not a service account',
};

const MAX_LISTED = 3;
const MAX_MESSAGE = 2048;

/** Why the state is what it is, on one line, safe to show. */
export function standingMessage(record: GrantRecord, context: StandingContext): string {
  const parts = [stateText(record, context), ...voidTexts(record)];
  return shown(parts.join('; '), MAX_MESSAGE);
}

function stateText(record: GrantRecord, context: StandingContext): string {
  const { grant } = record;
  const { state, expiresAtMs } = grantState(record, context.nowMs, context.maxDurationSeconds);
  const by = shown(decidingDecision(record)?.by ?? '');
  switch (state) {
    case 'Pending':
      return `waits for the decision of somebody else than ${shown(grant.requester)}`;
    case 'Void':
      return 'no decision on it counts';
    case 'Rejected':
      return `rejected by ${by}`;
    case 'Revoked':
      return `revoked by ${by}`;
    case 'Active':
      return [
        `approved by ${by} until ${endText(expiresAtMs)}`,
        ...capText(record, context),
        ...accountText(record, context),
      ].join('; ');
    case 'Expired':
      return [`approved by ${by}, and ended at ${endText(expiresAtMs)}`, ...capText(record, context)].join(
        '; ',
      );
  }
}

function capText({ grant }: GrantRecord, { policy, maxDurationSeconds }: StandingContext): readonly string[] {
  if (grant.durationSeconds <= maxDurationSeconds) return [];
  const [asked, allowed] = [grant.durationSeconds, maxDurationSeconds].map(printDuration);
  return [`asked for ${asked}, policy ${shown(policy)} allows ${allowed}`];
}

/** A grant that is pinned to an account waives nothing for another one of its name. */
function accountText({ grant }: GrantRecord, { accountUid }: StandingContext): readonly string[] {
  const { name, uid } = grant.account;
  const account = `service account ${shown(grant.namespace)}/${shown(name)}`;
  if (accountUid === undefined) return [`waives nothing: there is no ${account}`];
  if (uid === undefined || uid === accountUid) return [];
  return [`waives nothing: ${account} was made again since, and the grant is for the one before (uid)`];
}

function voidTexts({ grant, decisions }: GrantRecord): readonly string[] {
  const digest = scopesDigest(grant);
  const texts = decisions.flatMap((decision) => {
    const reason = voidReason(decision, grant, digest);
    return reason === undefined ? [] : [`${decisionText(decision)} does not count: ${VOID[reason]}`];
  });
  const more = texts.length - MAX_LISTED;
  return more > 0
    ? [...texts.slice(0, MAX_LISTED), `${counted(more, 'further decision')} without effect`]
    : texts;
}

function decisionText({ decision, by }: GrantDecision): string {
  return `${decision} by ${shown(by)}`;
}

function endText(ms: number | undefined): string {
  return ms === undefined ? '' : timeText(ms);
}
