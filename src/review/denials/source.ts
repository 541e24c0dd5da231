import type { Answer } from '../../admit/answer.ts';
import type { Decided } from '../../admit/handler.ts';
import type { Facts } from '../../admit/ports.ts';
import type { DenialSource } from '../../api/denial.ts';
import { canonical } from '../../core/scope/canonical.ts';
import { printScope } from '../../core/scope/print.ts';
import type { Account, Scope } from '../../core/scope/scope.ts';
import { shown } from '../../core/text.ts';
import { findingRecord } from '../../core/verdict/finding-record.ts';
import type { WorkloadName } from '../../core/verdict/grants.ts';
import { storedKind, storedName } from './entry.ts';

type Spec = DenialSource['spec'];
type FindingSource = Spec['findings'][number];

/** A refusal that is recorded. */
export interface Refused {
  readonly account: Account;
  readonly subject: WorkloadName;
  readonly decision: string;
  readonly answer: Answer;
}

/** `undefined`: it is a pass, a dry-run, or about nobody. */
export function refusedIn({ request, answer }: Decided): Refused | undefined {
  const { account, subject, decision } = answer;
  if (request.dryRun || answer.verdict !== 'deny') return undefined;
  if (account === undefined || subject === undefined || decision === undefined) return undefined;
  return { account, subject, decision, answer };
}

const MAX_SUMMARY = 1000;
const MAX_FINDINGS = 50;
/** Of all findings as JSON: a thousand Denials are to be no burden for etcd, whatever their names are. */
const MAX_FINDINGS_LENGTH = 12_000;

/**
 * The spec of a Denial: the same in every replica but for what differs by the age of facts.
 * @param scrub takes out what looks like a credential: an annotation may hold one by mistake.
 */
export function denialSpec(
  { account, subject, answer }: Refused,
  facts: Pick<Facts, 'account'>,
  scrub: (text: string) => string,
): Spec {
  const uid = facts.account(account)?.uid;
  const [summary = ''] = answer.refusal?.message.split('\n') ?? [];
  const all = findingsOf(answer);
  const findings = fitting(all.slice(0, MAX_FINDINGS).map((finding) => clean(finding, scrub)));
  return {
    workload: { kind: storedKind(scrub(subject.kind)), name: storedName(scrub(subject.name)) },
    serviceAccount: { name: storedName(account.name), ...(uid !== undefined && { uid: shown(uid) }) },
    policy: storedName(answer.policy ?? ''),
    summary: shown(scrub(summary), MAX_SUMMARY),
    findings,
    ...(findings.length < all.length && { moreFindings: all.length - findings.length }),
    ...(answer.needs !== undefined && needsOf(answer.needs, scrub)),
    mayWaive: [...(answer.mayWaive ?? [])],
  };
}

const MAX_NEEDS = 100;
const MAX_NEED = 1000;
/** Of all needs together. */
const MAX_NEEDS_LENGTH = 8000;

/** Only what is still what was declared: whoever takes the list for whole would take away what is missing in it. */
function needsOf(
  needs: readonly Scope[],
  scrub: (text: string) => string,
): Pick<Spec, 'needs' | 'moreNeeds'> {
  let length = 0;
  const kept = new Set<string>();
  let more = Math.max(0, needs.length - MAX_NEEDS);
  for (const need of needs.slice(0, MAX_NEEDS)) {
    const text = printScope(canonical(need));
    if (kept.has(text)) continue;
    const fits = length + text.length <= MAX_NEEDS_LENGTH && shown(scrub(text), MAX_NEED) === text;
    if (fits) kept.add(text);
    else more += 1;
    length += fits ? text.length : 0;
  }
  return { needs: [...kept], ...(more > 0 && { moreNeeds: more }) };
}

/** Refusals for what a request itself says have causes alone. */
function findingsOf({ findings, refusal }: Answer): readonly FindingSource[] {
  return (
    findings?.map(findingRecord) ??
    (refusal?.causes ?? []).map(({ reason, message, field }) => ({
      check: 'request',
      reason,
      action: 'Deny',
      undetermined: false,
      detail: field === undefined ? message : `${field}: ${message}`,
    }))
  );
}

const MAX_TEXT = 500;

function clean(finding: FindingSource, scrub: (text: string) => string): FindingSource {
  const safe = (text: string) => shown(scrub(text), MAX_TEXT);
  const { scope, why, via, detail } = finding;
  return {
    ...finding,
    ...(scope !== undefined && { scope: safe(scope) }),
    ...(why !== undefined && { why: safe(why) }),
    ...(via !== undefined && { via: safe(via) }),
    ...(detail !== undefined && { detail: safe(detail) }),
  };
}

function fitting(findings: readonly FindingSource[]): FindingSource[] {
  let length = 0;
  return findings.filter((finding) => {
    length += JSON.stringify(finding).length;
    return length <= MAX_FINDINGS_LENGTH;
  });
}
