import { hostname } from 'node:os';
import type { Decided } from '../admit/handler.ts';
import type { Facts } from '../admit/ports.ts';
import type { Config } from '../api/config.ts';
import { apiVersionOf } from '../facts/kinds.ts';
import type { ClusterKeys } from '../keys/keys.ts';
import { systemClock } from '../kube/clock.ts';
import { createLeaderElection } from '../kube/lease.ts';
import type { Notifier } from '../notify/notifier.ts';
import { type AlarmOptions, watchAlarms } from '../review/alarms.ts';
import { breakGlassEvent } from '../review/break-glass.ts';
import { decisionEvent } from '../review/decision-event.ts';
import { createEventRecorder } from '../review/events.ts';
import { type Unjudged, watchBreakGlass } from '../scan/break-glass.ts';
import type { PolicyReach } from '../scan/pass.ts';
import { runScan } from '../scan/scan.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { breakGlassAlarm, tokenAlarm } from './alarm-notices.ts';
import { denialRecording } from './denial-recording.ts';
import { grantKeeping } from './grant-keeping.ts';
import { notifying } from './notifying.ts';
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
  const notifier = notifying({ ...options, ...parts });
  const notify: Notifier['notify'] = (notice) => notifier.notify(notice);
  const denials = denialRecording({ ...options, ...parts, notify, leads: () => election.leading });
  const grants = grantKeeping({ ...options, ...parts, recorder, notify, onTurn: () => denials?.onGrant() });
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
  const onAlarm: AlarmOptions['onAlarm'] = (alarm, pod) => {
    metrics.alarm(alarm);
    notify(tokenAlarm(pod));
  };
  const listen = async (leading: AbortSignal) => {
    if (alarms === undefined) return;
    const heard = { ...parts, ...alarms, facts, recorder, log: logger };
    await watchAlarms({ ...heard, onAlarm }, leading);
  };
  const onBroken = (workload: Unjudged) => {
    recorder.record(breakGlassEvent(workload, workload.breakGlass, apiVersionOf(workload.kind)));
    notify(breakGlassAlarm(workload));
  };
  const lead = async (leading: AbortSignal) => {
    await Promise.all([
      runScan(scan, leading),
      watchBreakGlass({ ...parts, facts, onBroken }, leading),
      listen(leading),
      keys?.lead(leading),
      denials?.lead(leading),
      grants.lead(leading),
    ]);
  };
  const running = [
    recorder.run(stop.signal),
    ...(denials === undefined ? [] : [denials.run(stop.signal)]),
    grants.run(stop.signal),
    notifier.run(stop.signal),
    election.run(stop.signal, lead),
  ];
  return {
    onDecision(decided) {
      denials?.onDecision(decided);
      grants.onDecision(decided);
      const event = decisionEvent(decided, facts);
      if (event !== undefined) recorder.record(event);
    },
    async stop() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
