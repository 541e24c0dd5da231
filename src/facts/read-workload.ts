import type { RunningWorkload } from '../admit/ports.ts';
import { BREAK_GLASS } from '../core/admission/declaration.ts';
import type { TokenMounts } from '../core/admission/exposure.ts';
import { readWorkload } from '../core/admission/workload.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import type { Identity } from './identity.ts';
import type { WorkloadKind } from './kinds.ts';
import type { Pool } from './pool.ts';
import {
  countAt,
  flagAt,
  objectAt,
  objectsAt,
  requiredObjectAt,
  type Spot,
  textAt,
  textMapAt,
} from './spot.ts';

const NONE: RunningWorkload['annotations'] = Object.freeze(Object.create(null) as Record<string, string>);

/**
 * Workloads that run, or will: whose pods exist, or are made as soon as something asks for them. `undefined`: it does not run, or has no pod template. Objects of a list name no kind, so it is given. */
export function readRunning(
  kind: WorkloadKind,
  spot: Spot,
  identity: Identity,
  pool: Pool,
): RunningWorkload | undefined {
  if (!RUNS[kind](spot)) return undefined;
  const workload = readWorkload({ ...spot.object, kind }, identity.namespace);
  if (workload === undefined) return undefined;
  const { account, uid, controller, tokens, annotations, ownAnnotations } = workload;
  const breakGlass = annotations[BREAK_GLASS] ?? ownAnnotations[BREAK_GLASS];
  const namespace = pool.text(account.namespace);
  return {
    kind,
    namespace,
    name: identity.name,
    account: { namespace, name: pool.text(account.name) },
    annotations: oursOf(annotations, pool),
    tokens: tokens.secrets.length === 0 ? plain(tokens) : tokens,
    controller: controller && {
      ...controller,
      apiVersion: pool.text(controller.apiVersion),
      kind: pool.text(controller.kind),
    },
    uid,
    ...(breakGlass !== undefined && { breakGlass: pool.text(breakGlass) }),
  };
}

/** Most pods mount no Secret: the few ways of that are shared. */
const PLAIN: readonly TokenMounts[] = [undefined, true, false].flatMap((automount) =>
  [true, false].map((mounted) => ({ automount, mounted, secrets: [] })),
);

function plain(tokens: TokenMounts): TokenMounts {
  const same = (other: TokenMounts) =>
    other.automount === tokens.automount && other.mounted === tokens.mounted;
  return PLAIN.find(same) ?? tokens;
}

function oursOf(annotations: Readonly<Record<string, string>>, pool: Pool): RunningWorkload['annotations'] {
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX));
  if (ours.length === 0) return NONE;
  const kept = Object.create(null) as Record<string, string>;
  for (const [key, value] of ours) kept[pool.text(key)] = pool.text(value);
  return kept;
}

const RUNS: Readonly<Record<WorkloadKind, (spot: Spot) => boolean>> = {
  Deployment: isScaledUp,
  StatefulSet: isScaledUp,
  DaemonSet: () => true,
  // An old one of a Deployment counts for as long as it has pods.
  ReplicaSet: isScaledUp,
  ReplicationController: isScaledUp,
  Job: isUnfinished,
  CronJob: (spot) => flagAt(objectAt(spot, 'spec'), 'suspend') !== true,
};

function isScaledUp(spot: Spot): boolean {
  return countAt(objectAt(spot, 'spec'), 'replicas') !== 0;
}

function isUnfinished(spot: Spot): boolean {
  const spec = objectAt(spot, 'spec');
  const idle = flagAt(spec, 'suspend') === true || countAt(spec, 'parallelism') === 0;
  const finished = objectsAt(objectAt(spot, 'status'), 'conditions').some(
    ({ object }) =>
      (object['type'] === 'Complete' || object['type'] === 'Failed') && object['status'] === 'True',
  );
  return !idle && !finished;
}

/** Reports what is wrong with the parts of a pod template that decide something here. */
export function checkTemplate(kind: WorkloadKind | 'Pod', spot: Spot): void {
  const template = templateOf(kind, spot);
  textMapAt(objectAt(template, 'metadata'), 'annotations');
  const podSpec = requiredObjectAt(template, 'spec');
  textAt(podSpec, 'serviceAccountName');
  textAt(podSpec, 'serviceAccount');
}

function templateOf(kind: WorkloadKind | 'Pod', spot: Spot): Spot {
  if (kind === 'Pod') return spot;
  const spec = requiredObjectAt(spot, 'spec');
  if (kind !== 'CronJob') return requiredObjectAt(spec, 'template');
  return requiredObjectAt(requiredObjectAt(requiredObjectAt(spec, 'jobTemplate'), 'spec'), 'template');
}
