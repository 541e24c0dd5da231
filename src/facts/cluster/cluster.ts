import type { KubeClient } from '../../kube/client.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import { createReflector, type Reflector, type ReflectorState, type Sink } from '../../kube/reflector.ts';
import { refusalOf } from '../../kube/refusal.ts';
import { identify } from '../identity.ts';
import { collectionPath, groupOf, WATCHED_KINDS, type WatchedKind } from '../kinds.ts';
import { complaintOf } from '../policies.ts';
import { ignore, spotOf } from '../spot.ts';
import { createWorld, type World } from '../world.ts';
import { createLiveResources, type LiveResources } from './live-resources.ts';
import { tellOfPolicies } from './policy-log.ts';

/** The world as the API server tells it: one list and watch for each kind, and discovery. */
export interface ClusterFacts {
  /** Its freshness is that of its stalest kind, and it is synced when every kind is. */
  readonly world: World;
  /** Resolves when the world is synced; never, while something is refused. `problems` says what. */
  readonly synced: Promise<void>;
  /** What is wrong now, in words: which permission is missing, what can't be reached, which policy is not valid. */
  problems(): readonly string[];
  /** For metrics: how long ago each kind was last heard of. */
  ages(): ReadonlyMap<WatchedKind, number>;
  /** Resolves when everything has stopped after the signal's abort. */
  readonly done: Promise<void>;
}

export interface ClusterOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  readonly log: ClusterLog;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Fields first, as pino has it. */
export interface ClusterLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Of our own kinds, which somebody has to install. */
const OWN_GROUP = 'countersign.dev';

const KINDS = Object.keys(WATCHED_KINDS) as readonly WatchedKind[];

export function watchCluster(options: ClusterOptions): ClusterFacts {
  const { client, signal, log, clock = systemClock, random = Math.random } = options;
  const synced = Promise.withResolvers<void>();
  const states = new Map<WatchedKind, ReflectorState>();
  const isSynced = () => resources.asked && [...states.values()].every((state) => state.synced);
  const changed = () => {
    if (isSynced()) synced.resolve();
  };
  const resources = createLiveResources(client, clock, changed);
  const world = createWorld(resources, () => ({
    synced: isSynced(),
    ageSeconds: Math.max(...[...states.values()].map((state) => state.ageSeconds)),
  }));
  const reflectors = KINDS.map((kind): Reflector => {
    const tell = narrator(kind, log);
    const onChange = (state: ReflectorState) => {
      tell(state);
      changed();
    };
    const path = collectionPath(WATCHED_KINDS[kind]);
    const plain = sinkOf(kind, world);
    const sink = kind === 'ScopePolicy' ? tellOfPolicies(plain, () => world.policyStates(), log) : plain;
    const reflector = createReflector({ client, path, sink, clock, random, onChange });
    states.set(kind, reflector.state);
    return reflector;
  });
  const runs = [resources, ...reflectors].map((part) => part.run(signal));
  return {
    world,
    synced: synced.promise,
    problems: () => [
      ...[...states].flatMap(([kind, state]) => problemOf(kind, state)),
      ...problemOfDiscovery(resources),
      ...world.policyStates().flatMap((state) => complaintOf(state) ?? []),
    ],
    ages: () => new Map([...states].map(([kind, state]) => [kind, state.ageSeconds])),
    done: Promise.all(runs).then(() => undefined),
  };
}

function sinkOf(kind: WatchedKind, world: World): Sink {
  return {
    put: (object) => world.put(kind, object),
    drop(object) {
      const identity = identify(kind, spotOf(object, ignore));
      if (identity !== undefined) world.drop(kind, identity);
    },
    retain: (keys) => world.retain(kind, keys),
  };
}

function problemOf(kind: WatchedKind, { failure }: ReflectorState): readonly string[] {
  if (failure === undefined) return [];
  const { apiVersion, plural } = WATCHED_KINDS[kind];
  const group = groupOf(apiVersion);
  const resource = group === '' ? plural : `${plural}.${group}`;
  const code = refusalOf(failure)?.code;
  if (code === 404 && group === OWN_GROUP)
    return [`CRD ${resource} is not installed: kubectl apply -f manifests/crds`];
  // In the scope language, so that it can be granted as it stands.
  if (code === 403) return [`missing: list,watch ${resource} everywhere`];
  return [`${resource}: ${failure.message}`];
}

function problemOfDiscovery({ failure }: LiveResources): readonly string[] {
  return failure === undefined ? [] : [`discovery of resources: ${failure.message}`];
}

/** Says what changes, not every attempt: an API server that is away for an hour is two lines. */
function narrator(kind: WatchedKind, log: ClusterLog): (state: ReflectorState) => void {
  let wasSynced = false;
  let said: string | undefined;
  return (state) => {
    const problem = state.failure && `${state.failure.code} ${refusalOf(state.failure)?.code ?? ''}`;
    if (problem !== undefined && problem !== said) {
      log.warn({ kind, problem: problemOf(kind, state)[0], code: state.failure?.code }, 'a watch failed');
    }
    if (problem === undefined && said !== undefined) log.info({ kind }, 'a watch is back');
    said = problem;
    if (state.synced && !wasSynced) log.info({ kind }, 'the first list is complete');
    wasSynced = state.synced;
  };
}
