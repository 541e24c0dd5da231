import { answerOf } from '../../src/admit/answer.ts';
import { type Judgement, judgeClaim } from '../../src/admit/judge.ts';
import type { RunningWorkload } from '../../src/admit/ports.ts';
import { bindingObject, roleObject } from '../../src/cli/fix-report.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { printScope } from '../../src/core/scope/print.ts';
import type { Scope } from '../../src/core/scope/scope.ts';
import type { StoredDenial } from '../../src/desk/desk.ts';
import type { Survey } from '../../src/facts/cluster/survey.ts';
import type { World } from '../../src/facts/world.ts';
import { denialSpec } from '../../src/review/denials/source.ts';
import { worldOf } from './admission.ts';
import type { RbacWorld } from './arbitrary.ts';
import { workload, workloadObject } from './workload.ts';

/** A cluster where shop/api is refused, its Denial, and what a person sees of it. */

export interface Shop extends RbacWorld {
  readonly policy: JsonObject;
  /** Deployments that run as the account, with what they need; one of the name `api` is the refused one's stored form. */
  readonly running: Readonly<Record<string, readonly Scope[]>>;
  /** Of the ServiceAccount; `undefined`: it declares none. */
  readonly accountNeeds: readonly Scope[] | undefined;
}

function needsText(needs: readonly Scope[]): string {
  return needs.map(printScope).join('\n');
}

function declaring(needs: readonly Scope[]): JsonObject {
  return { 'countersign.dev/needs': needsText(needs) };
}

const plain = (object: object): JsonObject => JSON.parse(JSON.stringify(object)) as JsonObject;

export function shopWorld({ roles, bindings, policy, running, accountNeeds }: Shop): World {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      namespace: 'shop',
      name: 'api',
      annotations: accountNeeds === undefined ? {} : declaring(accountNeeds),
    },
  };
  const world = worldOf(
    { apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy', metadata: { name: 'p' }, spec: policy },
    account,
    ...Object.entries(running).map(([name, needs]) =>
      workloadObject({ name, annotations: declaring(needs), metadata: { uid: `uid-${name}` } }),
    ),
  );
  // What the API server would not take is in such worlds too; it counts as absent.
  for (const role of roles) world.put(role.kind, plain(roleObject(role)));
  for (const binding of bindings) world.put(binding.kind, plain(bindingObject(binding)));
  return world;
}

/** As the webhook judges it, with what the API server says being what is known. */
export function judged(world: World, needs: readonly Scope[], podSpec: JsonObject = {}): Judgement {
  const options = {
    moment: 'change',
    dryRun: false,
    openWorld: false,
    factsMaxAgeSeconds: 60,
    nowMs: 0,
  } as const;
  return judgeClaim(workload({ annotations: declaring(needs), podSpec }), world, options);
}

/** `undefined`: it is not refused. */
export function denialOf(judgement: Judgement, world: World): StoredDenial | undefined {
  const answer = answerOf(judgement);
  const { account, subject, decision, verdict } = answer;
  if (verdict !== 'deny' || account === undefined || subject === undefined || decision === undefined) {
    return undefined;
  }
  const spec = denialSpec({ account, subject, decision, answer }, world, (text) => text);
  return { namespace: 'shop', name: decision, uid: 'u', resourceVersion: '1', spec, status: {} };
}

export function surveyed(world: World): Survey {
  return {
    world,
    objects: { ...world.rbac, labels: () => ({}) },
    workloads: [...world.workloads()],
    incomplete: [],
    partial: false,
    unseenNeeds: false,
  };
}

export function strayPod(needs: readonly Scope[]): RunningWorkload {
  return workload({ kind: 'Pod', name: 'stray', annotations: declaring(needs) });
}
