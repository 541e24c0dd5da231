import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type ALARM_NAMES,
  type DENIAL_DROP_REASONS,
  type DENIAL_WRITES,
  type EVENT_DROP_REASONS,
  type GRANT_USE_DROP_REASONS,
  type HEALED_CONFIGURATIONS,
  type MALFORMED_REASONS,
  METRICS,
  type MetricEntry,
  type MINT_OUTCOMES,
  type NOTICE_OUTCOMES,
  type SHED_REASONS,
  type UNAUTHENTICATED_CAUSES,
  type VAULT_CODES,
} from './metric-table.ts';

/** What is counted. Every label has a small closed set of values: nothing from a request becomes a label. */
export interface Metrics {
  readonly registry: Registry;
  /** A decision that was answered. */
  admission(decision: CountedDecision, seconds: number): void;
  unauthenticated(cause: UnauthenticatedCause): void;
  malformed(reason: MalformedReason): void;
  bug(): void;
  shed(reason: ShedReason): void;
  certificateExpires(unixSeconds: number): void;
  authorityExpires(unixSeconds: number): void;
  /** Whether the files hold a pair that could not be used; the one before is served. */
  certificateStale(stale: boolean): void;
  /** Whether the configuration file can be read, and whether it holds changes that wait for the next start. */
  config(state: { readonly valid: boolean; readonly pending: boolean }): void;
  /** Events about decisions that were not written. */
  eventsDropped(reason: EventDropReason, entries: number): void;
  /** Refusals that no Denial counts. */
  denialsDropped(reason: DenialDropReason, refusals: number): void;
  denialWrite(write: DenialWriteName): void;
  /** Admissions that passed under a grant. */
  grantUsed(uses: number): void;
  grantUsesDropped(reason: GrantUseDropReason, uses: number): void;
  /** @param receiver its name in the configuration */
  notice(receiver: string, outcome: NoticeOutcomeName): void;
  /** An alarm of an agent that the leader took up. */
  alarm(alarm: AlarmName): void;
  /** Somebody else had changed what the leader registers. */
  registrationHealed(configuration: HealedConfiguration): void;
  mint(outcome: MintOutcomeName): void;
  /** @param vault name of a connection of the configuration */
  vaultRequest(vault: string, code: VaultCode): void;
  /** Values that are asked for when the metrics are read. */
  watch(gauge: WatchedGauge, read: () => number): void;
  /** The same for a gauge with a label: a value for each of its values. */
  watchEach(gauge: LabelledGauge, read: () => Iterable<readonly [string, number]>): void;
}

export interface CountedDecision {
  readonly endpoint: string;
  readonly verdict: string;
  readonly moment?: string | undefined;
  readonly codes: readonly string[];
}

export type UnauthenticatedCause = (typeof UNAUTHENTICATED_CAUSES)[number];
export type MalformedReason = (typeof MALFORMED_REASONS)[number];
export type ShedReason = (typeof SHED_REASONS)[number];
export type EventDropReason = (typeof EVENT_DROP_REASONS)[number];
export type DenialDropReason = (typeof DENIAL_DROP_REASONS)[number];
export type DenialWriteName = (typeof DENIAL_WRITES)[number];
export type GrantUseDropReason = (typeof GRANT_USE_DROP_REASONS)[number];
export type NoticeOutcomeName = (typeof NOTICE_OUTCOMES)[number];
export type AlarmName = (typeof ALARM_NAMES)[number];
export type HealedConfiguration = (typeof HEALED_CONFIGURATIONS)[number];
export type MintOutcomeName = (typeof MINT_OUTCOMES)[number];
export type VaultCode = (typeof VAULT_CODES)[number];

export type WatchedGauge =
  | 'inFlight'
  | 'factsAgeSeconds'
  | 'leading'
  | 'policiesNotValid'
  | 'breakGlass'
  | 'wouldDeny'
  | 'wouldWarn'
  | 'registrationsWrong'
  | 'keysUnusable'
  | 'grantNextExpirySeconds';

export type LabelledGauge =
  | 'denials'
  | 'grants'
  | 'factsKindAgeSeconds'
  | 'vaultFactsAgeSeconds'
  | 'vaultFactsFailing';

export interface MetricsOptions {
  readonly version: string;
  /** Also the process's own figures: CPU, memory, event loop. */
  readonly process?: boolean;
}

export function createMetrics({ version, process: ofProcess = false }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const gauge = (entry: MetricEntry) => new Gauge({ ...described(entry), registers });
  const counter = (entry: MetricEntry) => new Counter({ ...described(entry), registers });
  /** Every value of the label is there from the start at 0, or the first increase would not be seen as one. */
  const tally = <Value extends string>(
    entry: MetricEntry & { readonly labels: Readonly<Record<string, readonly Value[]>> },
  ) => {
    const counted = counter(entry);
    const [label = '', values = []] = Object.entries(entry.labels)[0] ?? [];
    for (const value of values) counted.inc({ [label]: value }, 0);
    return (value: Value, times = 1) => counted.inc({ [label]: value }, times);
  };

  gauge(METRICS.buildInfo).set({ version, node: process.versions.node }, 1);
  const requests = counter(METRICS.requests);
  const reasons = counter(METRICS.reasons);
  const durations = new Histogram({
    ...described(METRICS.durations),
    buckets: [...METRICS.durations.buckets],
    registers,
  });
  const bugs = counter(METRICS.bugs);
  const expires = gauge(METRICS.expires);
  const authorityExpires = gauge(METRICS.authorityExpires);
  const stale = gauge(METRICS.stale);
  const configValid = gauge(METRICS.configValid);
  const configPending = gauge(METRICS.configPending);
  configValid.set(1);
  const vaultRequests = counter(METRICS.vaultRequests);
  const mints = tally(METRICS.mints);
  const grantUses = counter(METRICS.grantUses);
  const notices = counter(METRICS.notices);
  return {
    registry,
    admission({ endpoint, verdict, moment = 'none', codes }, seconds) {
      requests.inc({ endpoint, verdict, moment });
      durations.observe({ endpoint }, seconds);
      for (const code of codes) reasons.inc({ endpoint, verdict, code });
    },
    unauthenticated: tally(METRICS.unauthenticated),
    malformed: tally(METRICS.malformed),
    bug: () => bugs.inc(),
    shed: tally(METRICS.shed),
    eventsDropped: tally(METRICS.eventsDropped),
    denialsDropped: tally(METRICS.denialsDropped),
    denialWrite: tally(METRICS.denialWrites),
    grantUsed: (uses) => grantUses.inc(uses),
    grantUsesDropped: tally(METRICS.grantUsesDropped),
    notice: (receiver, outcome) => notices.inc({ receiver, outcome }),
    alarm: tally(METRICS.alarms),
    registrationHealed: tally(METRICS.registrationsHealed),
    mint: (outcome) => mints(outcome),
    vaultRequest: (vault, code) => vaultRequests.inc({ vault, code }),
    authorityExpires: (unixSeconds) => authorityExpires.set(unixSeconds),
    certificateExpires: (unixSeconds) => expires.set(unixSeconds),
    certificateStale: (isStale) => stale.set(isStale ? 1 : 0),
    config({ valid, pending }) {
      configValid.set(valid ? 1 : 0);
      configPending.set(pending ? 1 : 0);
    },
    watch(key, read) {
      const watched: Gauge = new Gauge({
        ...described(METRICS[key]),
        registers,
        collect: () => watched.set(read()),
      });
    },
    watchEach(key, read) {
      const { labels } = METRICS[key];
      const [label = ''] = Object.keys(labels);
      const watched: Gauge = new Gauge({
        ...described(METRICS[key]),
        registers,
        collect() {
          watched.reset();
          for (const [value, number] of read()) watched.set({ [label]: value }, number);
        },
      });
    },
  };
}

function described({ name, help, labels = {} }: MetricEntry) {
  return { name, help, labelNames: Object.keys(labels) };
}
