import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted. Every label has a small closed set of values: nothing from a request becomes a label. */
export interface Metrics {
  readonly registry: Registry;
  /** A decision that was answered. */
  admission(endpoint: string, verdict: string, seconds: number): void;
  unauthenticated(cause: UnauthenticatedCause): void;
  malformed(reason: MalformedReason): void;
  bug(): void;
  shed(reason: ShedReason): void;
  certificateExpires(unixSeconds: number): void;
  /** Whether the files hold a pair that could not be used; the one before is served. */
  certificateStale(stale: boolean): void;
  /** Events about decisions that were not written. */
  eventsDropped(reason: EventDropReason, entries: number): void;
  /** An alarm of an agent that the leader took up. */
  alarm(alarm: AlarmName): void;
  /** Values that are asked for when the metrics are read. */
  watch(gauge: WatchedGauge, read: () => number): void;
}

const UNAUTHENTICATED_CAUSES = ['path', 'certificate'] as const;
export type UnauthenticatedCause = (typeof UNAUTHENTICATED_CAUSES)[number];

const MALFORMED_REASONS = [
  'empty',
  'encoding',
  'syntax',
  'shape',
  'poison',
  'size',
  'media',
  'slow',
  'http',
] as const;
export type MalformedReason = (typeof MALFORMED_REASONS)[number];

const SHED_REASONS = ['requests', 'bytes', 'late'] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

const EVENT_DROP_REASONS = ['overflow', 'limited', 'refused', 'failed', 'stopped'] as const;
export type EventDropReason = (typeof EVENT_DROP_REASONS)[number];

const ALARM_NAMES = ['UnwrappedByAnother', 'CreatedElsewhere'] as const;
export type AlarmName = (typeof ALARM_NAMES)[number];

export type WatchedGauge =
  | 'inFlight'
  | 'factsAgeSeconds'
  | 'leading'
  | 'policiesNotValid'
  | 'wouldDeny'
  | 'wouldWarn';

export interface MetricsOptions {
  readonly version: string;
  /** Also the process's own figures: CPU, memory, event loop. */
  readonly process?: boolean;
}

/** Those of `apiserver_admission_webhook_admission_duration_seconds`, to compare with, and finer ones below and between. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 25];

const WATCHED: Readonly<Record<WatchedGauge, { readonly name: string; readonly help: string }>> = {
  inFlight: { name: 'countersign_admission_in_flight', help: 'Admission calls that are being answered now.' },
  factsAgeSeconds: {
    name: 'countersign_facts_age_seconds',
    help: 'Seconds since the stalest cache last heard from its source.',
  },
  leading: { name: 'countersign_leading', help: '1 in the one replica that leads.' },
  policiesNotValid: {
    name: 'countersign_policies_not_valid',
    help: 'ScopePolicy objects that cannot be read: their last valid version counts, or none.',
  },
  wouldDeny: {
    name: 'countersign_workloads_would_deny',
    help: 'Running workloads that would be refused, were they created now; counted by the leader.',
  },
  wouldWarn: {
    name: 'countersign_workloads_would_warn',
    help: 'Running workloads that would be warned of, were they created now; counted by the leader.',
  },
};

export function createMetrics({ version, process = false }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'countersign_build_info', help: 'Always 1.', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  /** Every value of the label is there from the start at 0, or the first increase would not be seen as one. */
  const tally = <Value extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly Value[],
  ) => {
    const counter = new Counter({ name: `countersign_${name}`, help, labelNames: [label], registers });
    for (const value of values) counter.inc({ [label]: value }, 0);
    return (value: Value, times = 1) => counter.inc({ [label]: value }, times);
  };

  const requests = new Counter({
    name: 'countersign_admission_requests_total',
    help: 'Decisions, by endpoint and verdict.',
    labelNames: ['endpoint', 'verdict'],
    registers,
  });
  const durations = new Histogram({
    name: 'countersign_admission_duration_seconds',
    help: 'From the arrival of a call to its answer.',
    labelNames: ['endpoint'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const bugs = new Counter({
    name: 'countersign_bugs_total',
    help: 'Exceptions that no code expected.',
    registers,
  });
  const expires = new Gauge({
    name: 'countersign_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that is served expires.',
    registers,
  });
  const stale = new Gauge({
    name: 'countersign_certificate_stale',
    help: '1 while the certificate files hold a pair that cannot be used and the one before is served.',
    registers,
  });
  return {
    registry,
    admission(endpoint, verdict, seconds) {
      requests.inc({ endpoint, verdict });
      durations.observe({ endpoint }, seconds);
    },
    unauthenticated: tally(
      'unauthenticated_calls_total',
      'Calls refused because of who called.',
      'cause',
      UNAUTHENTICATED_CAUSES,
    ),
    malformed: tally(
      'malformed_bodies_total',
      'Bodies that are no JSON that can be read safely.',
      'reason',
      MALFORMED_REASONS,
    ),
    bug: () => bugs.inc(),
    shed: tally('shed_calls_total', 'Calls turned away because of load.', 'reason', SHED_REASONS),
    eventsDropped: tally(
      'events_dropped_total',
      'Events about decisions that were not written.',
      'reason',
      EVENT_DROP_REASONS,
    ),
    alarm: tally(
      'alarms_total',
      'Pods whose wrapping token somebody else has had; counted by the leader.',
      'alarm',
      ALARM_NAMES,
    ),
    certificateExpires: (unixSeconds) => expires.set(unixSeconds),
    certificateStale: (isStale) => stale.set(isStale ? 1 : 0),
    watch(gauge, read) {
      const watched: Gauge = new Gauge({ ...WATCHED[gauge], registers, collect: () => watched.set(read()) });
    },
  };
}
