import { setImmediate } from 'node:timers/promises';
import { NEEDS } from '../core/admission/declaration.ts';
import { followsOwner } from '../core/admission/reschedulers.ts';
import type { RbacOverlay } from '../core/rbac/held.ts';
import type { Account } from '../core/scope/scope.ts';
import type { AffectedWorkload, GrantEffects } from '../core/verdict/affected.ts';
import { decide } from '../core/verdict/decision.ts';
import { newlyFound } from '../core/verdict/grant-effects.ts';
import { confirmed, merged } from './grant-live.ts';
import type { Admission } from './handler.ts';
import { groundsOf } from './judge.ts';
import type { Facts, RunningWorkload, Supposed, SupposedFacts } from './ports.ts';
import { waiveByGrants } from './waiver.ts';

/** Who is affected by a write, and how. Bounded, as one role may be everybody's; what is past the bound is counted. */
export type Effects = Pick<GrantEffects, 'workloads' | 'notSeen'>;

const MAX_ACCOUNTS = 50;
const MAX_WORKLOADS = 100;
/** Each is judged beside all the others of its account. */
const MAX_WORKLOADS_PER_ACCOUNT = 20;
/** However few they are, since roles can be large. */
const JUDGING_MS = 400;
const WALKED_AT_ONCE = 200;

/** @param read roles and bindings as the API server has them; with it, nothing is proved that does not rest on them. */
export async function effectsOf(
  supposed: Supposed,
  admission: Admission,
  deadline: AbortSignal,
  read?: RbacOverlay,
): Promise<Effects> {
  const judging: Judging = {
    admission,
    before: supposedFacts(admission.facts, supposed.before, read),
    after: supposedFacts(admission.facts, supposed.after, read),
    proved: read && merged(read, supposed.after.rbac),
  };
  // A clock that jumps only makes it look at fewer, or at more until the deadline.
  const endsAt = admission.now() + JUDGING_MS;
  const isOver = () => deadline.aborted || admission.now() > endsAt;
  const { chosen, notSeen } = await choose(supposed, admission.facts);
  const workloads: AffectedWorkload[] = [];
  for (const { judged, more } of chosen) {
    if (isOver()) {
      notSeen.accounts += 1;
      continue;
    }
    notSeen.workloads += more;
    for (const workload of judged) {
      if (isOver()) notSeen.workloads += 1;
      else workloads.push(...effectOn(workload, judging));
      // Other admissions wait meanwhile.
      await setImmediate();
    }
  }
  return { workloads, notSeen };
}

interface Chosen {
  readonly judged: readonly RunningWorkload[];
  /** Those of the account that are left out. */
  readonly more: number;
}

interface NotSeen {
  accounts: number;
  workloads: number;
}

/** The first accounts as which something runs that declares its needs. */
async function choose(
  supposed: Supposed,
  facts: Facts,
): Promise<{ readonly chosen: readonly Chosen[]; readonly notSeen: NotSeen }> {
  const chosen: Chosen[] = [];
  const notSeen: NotSeen = { accounts: 0, workloads: 0 };
  let [walked, room] = [0, MAX_WORKLOADS];
  for (const account of supposed.accounts) {
    walked += 1;
    if (walked % WALKED_AT_ONCE === 0) await setImmediate();
    const declared = declaredAs(account, facts, supposed);
    if (declared.length === 0) continue;
    if (chosen.length >= MAX_ACCOUNTS || room === 0) {
      notSeen.accounts += 1;
      continue;
    }
    const judged = declared.slice(0, Math.min(MAX_WORKLOADS_PER_ACCOUNT, room));
    room -= judged.length;
    chosen.push({ judged, more: declared.length - judged.length });
  }
  return { chosen, notSeen };
}

interface Judging {
  readonly admission: Admission;
  readonly before: Facts;
  readonly after: Facts;
  /** What is known from the API server itself, or from the write; absent: all that is known counts. */
  readonly proved: RbacOverlay | undefined;
}

function supposedFacts(facts: Facts, { rbac, account }: SupposedFacts, read?: RbacOverlay): Facts {
  const overlay = read === undefined ? rbac : merged(read, rbac);
  return { ...facts, account, held: (one) => facts.held(one, overlay) };
}

/** Of what a controller makes just as its owner says, the owner speaks. */
function declaredAs(account: Account, facts: Facts, supposed: Supposed): readonly RunningWorkload[] {
  const onAccount = [supposed.before, supposed.after].some(
    (one) => one.account(account)?.needs !== undefined,
  );
  return facts.runningAs(account).filter((workload) => {
    if (!onAccount && !Object.hasOwn(workload.annotations, NEEDS)) return false;
    const owner = workload.controller && facts.workload(workload.controller.uid);
    return owner === undefined || !followsOwner(workload, owner);
  });
}

function effectOn(
  workload: RunningWorkload,
  { admission, before, after, proved }: Judging,
): readonly AffectedWorkload[] {
  const { factsMaxAgeSeconds } = admission;
  const nowMs = admission.now();
  const options = { moment: 'change', dryRun: false, openWorld: false, factsMaxAgeSeconds, nowMs } as const;
  const [was, is] = [groundsOf(workload, before, options), groundsOf(workload, after, options)];
  // What a declaration that can't be read asks for is unknown.
  if (was.declaration.problems.length > 0 || is.declaration.problems.length > 0) return [];
  const found = newlyFound(was.input, is.input);
  const sure = proved === undefined ? found : confirmed(found, proved);
  const { policy: effective, input } = is;
  const judged = { workload, moment: 'change', facts: after, policy: effective, input, newer: [] } as const;
  const { verdict } = waiveByGrants(sure, judged, nowMs);
  const { name: policy, onGrant: actions } = is.policy;
  const decision = decide(verdict, { workload, policy, actions, dryRun: false });
  return decision.outcome === 'allow' ? [] : [{ workload, decision }];
}
