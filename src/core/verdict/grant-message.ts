import type { Cause } from '../admission/response.ts';
import type { Operation } from '../admission/review.ts';
import { printScope } from '../scope/print.ts';
import { counted, shown } from '../text.ts';
import { ACCOUNT, type AffectedWorkload, type Effect, effectsOf, type GrantEffects } from './affected.ts';
import { decisionId } from './decision.ts';
import { heldBy } from './findings.ts';
import type { CheckName } from './policy.ts';
import { reasonOf } from './reasons.ts';

type Told = Exclude<CheckName, 'undetermined'>;

/** What is said of the write. */
export interface GrantTold {
  /** One for the whole write, the same on every replica; `undefined`: there is nothing to name. */
  readonly id: string | undefined;
  /** A line each; the API server cuts those past 256 characters, and all of them past 4096 (apiserver/pkg/endpoints/filters/warning.go). */
  readonly warnings: readonly string[];
  readonly denial: string;
  /** Machine-readable: one cause an effect, with its reason code. */
  readonly causes: readonly Cause[];
}

export function tellGrant(grant: GrantEffects): GrantTold {
  const effects = effectsOf(grant.workloads);
  const id = effects.length === 0 ? undefined : idOf(grant, effects);
  const said = [headline(grant, effects, id), ...lines(grant, effects)];
  return {
    id,
    warnings: said.map((line) => shown(line, 250)),
    denial: [...said.map((line, at) => (at === 0 ? line : `  ${line}`)), nextLine(effects)].join('\n'),
    causes: effects
      .slice(0, MAX_CAUSES)
      .map((effect) => ({ reason: effect.reason, message: `${effect.who}: ${whatOf(effect)}` })),
  };
}

const MAX_CAUSES = 50;

function idOf({ object, workloads }: GrantEffects, effects: readonly Effect[]): string {
  const { kind, namespace, name } = object;
  const claim = { kind, namespace, name, account: { namespace, name }, controller: undefined };
  return decisionId(claim, policiesOf(workloads).join(','), effects);
}

/** The object and the verb first: `RoleBinding shop/readers: deleting it would break 1 workload: shop/api (Deployment) [d-…, policy …]`. */
function headline(
  { object, operation, workloads }: GrantEffects,
  effects: readonly Effect[],
  id: string | undefined,
): string {
  const place = object.namespace === '' ? '' : `${object.namespace}/`;
  const subject = `${shown(object.kind)} ${shown(`${place}${object.name}`, 100)}`;
  if (id === undefined) return `${subject}: ${VERBS[operation]} ${reasonOf('NotAllJudged').sentence}`;
  const needs = object.kind === 'ServiceAccount';
  const parts = (Object.keys(PHRASES) as Told[]).flatMap((check) => {
    const found = effects.filter((one) => one.check === check && !one.undetermined);
    const who = [...new Set(found.map((one) => one.who))];
    return who.length === 0 ? [] : [PHRASES[check](named(who), needs)];
  });
  const open = effects.filter(({ undetermined }) => undetermined).length;
  const proved = parts.length > 0 ? `would ${parts.join('; ')}` : 'has no proved effect';
  const what = open > 0 ? `${proved}, ${open} undetermined` : proved;
  const policies = policiesOf(workloads).map((name) => shown(name));
  const policy = `${policies.length === 1 ? 'policy' : 'policies'} ${policies.slice(0, 3).join(', ')}`;
  return `${subject}: ${VERBS[operation]} ${what} [${id}, ${policy}]`;
}

const VERBS: Readonly<Record<Operation, string>> = {
  CREATE: 'creating it',
  UPDATE: 'this change',
  DELETE: 'deleting it',
  CONNECT: 'this',
};

/** Gravest first. `needs`: it is the needs that change, and not the rights. */
const PHRASES: Readonly<Record<Told, (who: string, needs: boolean) => string>> = {
  missing: (who, needs) => (needs ? `declare needs that are not held by ${who}` : `break ${who}`),
  forbidden: (who, needs) =>
    needs ? `declare what is forbidden to ${who}` : `give what is forbidden to ${who}`,
  overreach: (who) => `go beyond the ceiling for ${who}`,
  excess: (who, needs) => (needs ? `leave unneeded rights to ${who}` : `give unneeded rights to ${who}`),
  undeclared: (who) => `leave undeclared ${who}`,
};

function named(who: readonly string[]): string {
  const accounts = who.every((name) => name.startsWith(ACCOUNT));
  const names = who.slice(0, 2).map((name) => shown(accounts ? name.slice(ACCOUNT.length) : name, 60));
  const shownNames = [...names, ...(who.length > names.length ? ['…'] : [])].join(', ');
  return `${counted(who.length, accounts ? 'account' : 'workload')}: ${shownNames}`;
}

const MAX_LINES = 12;

function lines({ notSeen }: GrantEffects, effects: readonly Effect[]): readonly string[] {
  const kept = effects.slice(0, MAX_LINES).map((one) => `${labelOf(one)} ${one.who}: ${whatOf(one)}`);
  const beyond = [
    ...(notSeen.workloads > 0 ? [counted(notSeen.workloads, 'more workload')] : []),
    ...(notSeen.accounts > 0 ? [counted(notSeen.accounts, 'more account')] : []),
  ];
  return [
    ...kept,
    ...(effects.length > kept.length ? [`… and ${effects.length - kept.length} more`] : []),
    ...(beyond.length > 0 ? [`and ${beyond.join(' and ')}, not looked at`] : []),
  ];
}

function labelOf({ check, undetermined, risk }: Effect): string {
  if (undetermined) return 'unknown';
  return check === 'excess' ? (risk ?? 'excess') : LABELS[check];
}

const LABELS = {
  missing: 'missing',
  forbidden: 'forbidden',
  overreach: 'beyond',
  undeclared: 'needs',
} as const;

function whatOf({ more, ...finding }: Effect): string {
  const { scope, reason } = finding;
  const what = scope === undefined ? reasonOf(reason).sentence : shown(printScope(scope), 400);
  const others = more === 0 ? '' : ` and ${more} more`;
  const by = heldBy(finding);
  return `${what}${others}${by === '' ? '' : ` via ${shown(by, 500)}`}`;
}

function policiesOf(workloads: readonly AffectedWorkload[]): readonly string[] {
  return [...new Set(workloads.map(({ decision }) => decision.policy))].toSorted();
}

function nextLine(effects: readonly Effect[]): string {
  const steps = effects.flatMap(({ reason, check }) =>
    check === 'missing' ? [KEEP] : (reasonOf(reason).next ?? []),
  );
  return `next: ${[...new Set(steps)].join('; or: ')}`;
}

const KEEP =
  'keep a role and binding that give what is missing, or take it out of countersign.dev/needs first';
