import { hostname } from 'node:os';
import type { Decided } from '../admit/handler.ts';
import type { Facts } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import { apiVersionOf } from '../facts/kinds.ts';
import type { ClusterKeys } from '../keys/keys.ts';
import { systemClock } from '../kube/clock.ts';
import { createLeaderElection } from '../kube/lease.ts';
import { type AlarmOptions, watchAlarms } from '../review/alarms.ts';
import { breakGlassEvent } from '../review/break-glass.ts';
import { decisionEvent } from '../review/decision-event.ts';
import { createEventRecorder } from '../review/events.ts';
import { type Unjudged, watchBreakGlass } from '../scan/break-glass.ts';
import type { PolicyReach } from '../scan/pass.ts';
import { runScan } from '../scan/scan.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterSource } from './sources.ts';

/** What a server does beside its answers: events of decisions, and, in the one replica that leads, the scan and alarms. */
export interface Background {
  readonly onDecision: (decided: Decided) => void;
  /** Events that wait are written first, for two seconds at most, and the Lease is given back. */
  stop(): Promise<void>;
}

export interface BackgroundOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly facts: Facts;
  readonly cluster: ClusterSource;
  /** Absent: no pod is given a token, so there are no alarms. */
  readonly alarms?: Pick<AlarmOptions, 'settings' | 'revoker'> | undefined;
  /** Absent: certificate, segment and key are in files. */
  readonly keys?: Pick<ClusterKeys, 'lead'> | undefined;
}

export function startBackground(options: BackgroundOptions): Background {
  const { config, logger, metrics, facts, cluster, alarms, keys } = options;
  const { client, policyStates } = cluster;
  const parts = { client, clock: systemClock, random: Math.random, now: () => new Date() };
  // Unique even where two processes share a host name.
  const instance = `${hostname()}_${crypto.randomUUID()}`;
  const stop = new AbortController();
  const recorder = createEventRecorder({
    ...parts,
    instance: hostname(),
    onDrop: (reason, entries) => metrics.eventsDropped(reason, entries),
    onForbidden: ({ missing, message }) =>
      logger.warn('events cannot be written', { missing, failure: message }),
  });
  const election = createLeaderElection({
    ...parts,
    namespace: config.leaderElection.namespace,
    name: config.leaderElection.name,
    identity: instance,
    log: logger,
  });
  let reaches: ReadonlyMap<string, PolicyReach> = new Map();
  const total = (field: 'wouldDeny' | 'wouldWarn') =>
    [...reaches.values()].reduce((sum, reach) => sum + reach[field], 0);
  metrics.watch('leading', () => (election.leading ? 1 : 0));
  metrics.watch('policiesNotValid', () => policyStates().filter(({ state }) => state !== 'valid').length);
  metrics.watch('wouldDeny', () => total('wouldDeny'));
  metrics.watch('wouldWarn', () => total('wouldWarn'));
  const scan = {
    ...parts,
    facts: { ...facts, policyStates },
    factsMaxAgeSeconds: config.factsMaxAgeSeconds,
    log: logger,
    onCounted: (counted: ReadonlyMap<string, PolicyReach>) => {
      reaches = counted;
    },
  };
  const listen = async (leading: AbortSignal) => {
    if (alarms === undefined) return;
    const heard = { ...parts, ...alarms, facts, recorder, log: logger };
    await watchAlarms({ ...heard, onAlarm: (alarm) => metrics.alarm(alarm) }, leading);
  };
  const onBroken = (workload: Unjudged) =>
    recorder.record(breakGlassEvent(workload, workload.breakGlass, apiVersionOf(workload.kind)));
  const lead = async (leading: AbortSignal) => {
    await Promise.all([
      runScan(scan, leading),
      watchBreakGlass({ ...parts, facts, onBroken }, leading),
      listen(leading),
      keys?.lead(leading),
    ]);
  };
  const running = [recorder.run(stop.signal), election.run(stop.signal, lead)];
  return {
    onDecision(decided) {
      const event = decisionEvent(decided, facts);
      if (event !== undefined) recorder.record(event);
    },
    async stop() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
