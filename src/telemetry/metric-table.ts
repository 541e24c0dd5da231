import { REASONS } from '../core/verdict/reasons.ts';

/**
 * Every metric of Countersign: `metrics.ts` makes them of this table, and the reference page is written from it. A label
 * has a small closed set of values: nothing from a request becomes one.
 */
export interface MetricEntry {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelValues>>;
  /** Upper bounds, in the unit of the name. */
  readonly buckets?: readonly number[];
}

/** All of them, or, where the configuration or the release decides, which they are. */
export type LabelValues = readonly string[] | { readonly from: string };

export const UNAUTHENTICATED_CAUSES = ['path', 'certificate'] as const;
export const MALFORMED_REASONS = [
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
export const SHED_REASONS = ['requests', 'bytes', 'late'] as const;
export const EVENT_DROP_REASONS = ['overflow', 'limited', 'refused', 'failed', 'stopped'] as const;
export const DENIAL_DROP_REASONS = ['overflow', 'bounded', 'refused', 'failed', 'stopped'] as const;
export const DENIAL_WRITES = ['create', 'status', 'delete'] as const;
/** Those of core/verdict/grants.ts. */
const GRANT_STATES = ['Pending', 'Active', 'Rejected', 'Revoked', 'Expired', 'Void'] as const;
export const GRANT_USE_DROP_REASONS = ['overflow', 'refused', 'failed', 'stopped'] as const;
export const NOTICE_OUTCOMES = ['sent', 'overflow', 'refused', 'failed', 'stopped'] as const;
export const ALARM_NAMES = ['UnwrappedByAnother', 'CreatedElsewhere'] as const;
export const MINT_OUTCOMES = ['minted', 'failed', 'limited'] as const;
export const HEALED_CONFIGURATIONS = [
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
] as const;
const ENDPOINTS = ['inject', 'injected', 'change', 'reschedule', 'grant'] as const;
const VERDICTS = ['allow', 'warn', 'deny', 'error'] as const;
/** `none`: what is judged for another reason than that it changes or comes back, or not at all. */
const MOMENTS = ['change', 'reschedule', 'none'] as const;
/** A status of HTTP, or the sort of failure that was met instead of one. */
export const VAULT_CODES = [
  '2xx',
  '3xx',
  '400',
  '403',
  '404',
  '429',
  '4xx',
  '503',
  '5xx',
  'unreachable',
  'untrusted',
  'late',
  'misshapen',
  'given-up',
] as const;

/** Those of `apiserver_admission_webhook_admission_duration_seconds`, to compare with, and finer ones below and between. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 25];

const BY_VAULT = { from: 'names of the connections in the configuration' } as const;

export const METRICS = {
  buildInfo: {
    name: 'countersign_build_info',
    type: 'gauge',
    help: 'Always 1.',
    labels: { version: { from: 'version of the release' }, node: { from: 'the version of Node.js' } },
  },
  requests: {
    name: 'countersign_admission_requests_total',
    type: 'counter',
    help: 'Decisions, by endpoint, verdict and moment.',
    labels: { endpoint: ENDPOINTS, verdict: VERDICTS, moment: MOMENTS },
  },
  reasons: {
    name: 'countersign_admission_reasons_total',
    type: 'counter',
    help: 'Reasons that decisions named: a decision counts once for each of its reasons.',
    labels: { endpoint: ENDPOINTS, verdict: VERDICTS, code: Object.keys(REASONS) },
  },
  durations: {
    name: 'countersign_admission_duration_seconds',
    type: 'histogram',
    help: 'From the arrival of a call to its answer.',
    labels: { endpoint: ENDPOINTS },
    buckets: DURATION_BUCKETS,
  },
  inFlight: {
    name: 'countersign_admission_in_flight',
    type: 'gauge',
    help: 'Admission calls that are being answered now.',
  },
  unauthenticated: {
    name: 'countersign_unauthenticated_calls_total',
    type: 'counter',
    help: 'Calls refused because of who called.',
    labels: { cause: UNAUTHENTICATED_CAUSES },
  },
  malformed: {
    name: 'countersign_malformed_bodies_total',
    type: 'counter',
    help: 'Bodies that are no JSON that can be read safely.',
    labels: { reason: MALFORMED_REASONS },
  },
  shed: {
    name: 'countersign_shed_calls_total',
    type: 'counter',
    help: 'Calls turned away because of load, or too late to be decided: the failurePolicy of the registration decides.',
    labels: { reason: SHED_REASONS },
  },
  bugs: { name: 'countersign_bugs_total', type: 'counter', help: 'Exceptions that no code expected.' },
  expires: {
    name: 'countersign_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the certificate that is served expires.',
  },
  stale: {
    name: 'countersign_certificate_stale',
    type: 'gauge',
    help: '1 while the certificate files hold a pair that cannot be used and the one before is served.',
  },
  authorityExpires: {
    name: 'countersign_ca_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When the CA of the certificate that is served expires; 0: it is not of our own making.',
  },
  keysUnusable: {
    name: 'countersign_keys_unusable',
    type: 'gauge',
    help: '1 while the Secret of keys cannot be used; the last good one is.',
  },
  registrationsWrong: {
    name: 'countersign_registrations_wrong',
    type: 'gauge',
    help: 'Webhook configurations that are absent, hold nothing of ours or cannot be put right; counted by the leader.',
  },
  registrationsHealed: {
    name: 'countersign_registrations_healed_total',
    type: 'counter',
    help: 'Times that somebody else had changed caBundle or path of a webhook configuration, and the leader put it back.',
    labels: { configuration: HEALED_CONFIGURATIONS },
  },
  configValid: {
    name: 'countersign_config_valid',
    type: 'gauge',
    help: '0 while the configuration file is not valid and the one before counts.',
  },
  configPending: {
    name: 'countersign_config_restart_needed',
    type: 'gauge',
    help: '1 while the configuration file holds changes that count from the next start on.',
  },
  factsAgeSeconds: {
    name: 'countersign_facts_age_seconds',
    type: 'gauge',
    help: 'Seconds since the stalest cache last heard from its source.',
  },
  factsKindAgeSeconds: {
    name: 'countersign_facts_kind_age_seconds',
    type: 'gauge',
    help: 'The same for the cache of each kind.',
    labels: { kind: { from: 'the kinds that are watched' } },
  },
  vaultFactsAgeSeconds: {
    name: 'countersign_vault_facts_age_seconds',
    type: 'gauge',
    help: 'Seconds since the roles and policies of a Vault were last read; `+Inf` before the first time.',
    labels: { vault: BY_VAULT },
  },
  vaultFactsFailing: {
    name: 'countersign_vault_facts_failing',
    type: 'gauge',
    help: '1 while the last attempt to read the roles and policies of a Vault has failed, or none has ended yet.',
    labels: { vault: BY_VAULT },
  },
  vaultRequests: {
    name: 'countersign_vault_requests_total',
    type: 'counter',
    help: 'Requests to a Vault, by how they ended.',
    labels: { vault: BY_VAULT, code: VAULT_CODES },
  },
  mints: {
    name: 'countersign_mints_total',
    type: 'counter',
    help: 'Wrapped tokens asked for; `limited`: the owner of the pod has had as many as it may.',
    labels: { outcome: MINT_OUTCOMES },
  },
  eventsDropped: {
    name: 'countersign_events_dropped_total',
    type: 'counter',
    help: 'Events about decisions that were not written.',
    labels: { reason: EVENT_DROP_REASONS },
  },
  denials: {
    name: 'countersign_denials',
    type: 'gauge',
    help: 'Denial objects, by state; counted by the leader.',
    labels: { state: ['Open', 'Granted', 'Rejected', 'Resolved', 'Expired'] },
  },
  denialsDropped: {
    name: 'countersign_denials_dropped_total',
    type: 'counter',
    help: 'Refusals that no Denial counts: too many at once (`overflow`), no room for one more (`bounded`), or the API server did not take it.',
    labels: { reason: DENIAL_DROP_REASONS },
  },
  denialWrites: {
    name: 'countersign_denial_writes_total',
    type: 'counter',
    help: 'Writes of Denial objects.',
    labels: { write: DENIAL_WRITES },
  },
  grants: {
    name: 'countersign_grants',
    type: 'gauge',
    help: 'AccessGrant objects, by state; counted by the leader.',
    labels: { state: GRANT_STATES },
  },
  grantNextExpirySeconds: {
    name: 'countersign_grant_next_expiry_seconds',
    type: 'gauge',
    help: 'Seconds until the next grant ends; `+Inf`: none holds, or this replica does not lead.',
  },
  grantUses: {
    name: 'countersign_grant_uses_total',
    type: 'counter',
    help: 'Admissions that passed under a grant; one under several grants counts for each.',
  },
  grantUsesDropped: {
    name: 'countersign_grant_uses_dropped_total',
    type: 'counter',
    help: 'Uses that no status of a grant counts.',
    labels: { reason: GRANT_USE_DROP_REASONS },
  },
  notices: {
    name: 'countersign_notices_total',
    type: 'counter',
    help: 'Notices for receivers outside the cluster, by what became of them.',
    labels: { receiver: { from: 'names of the receivers in the configuration' }, outcome: NOTICE_OUTCOMES },
  },
  alarms: {
    name: 'countersign_alarms_total',
    type: 'counter',
    help: 'Pods whose wrapping token somebody else has had; counted by the leader.',
    labels: { alarm: ALARM_NAMES },
  },
  leading: {
    name: 'countersign_leading',
    type: 'gauge',
    help: '1 in the one replica that leads.',
  },
  policiesNotValid: {
    name: 'countersign_policies_not_valid',
    type: 'gauge',
    help: 'ScopePolicy objects that cannot be read: their last valid version counts, or none.',
  },
  breakGlass: {
    name: 'countersign_break_glass_workloads',
    type: 'gauge',
    help: 'Running workloads that were let in by the annotation countersign.dev/break-glass.',
  },
  wouldDeny: {
    name: 'countersign_workloads_would_deny',
    type: 'gauge',
    help: 'Running workloads that would be refused, were they created now; counted by the leader.',
  },
  wouldWarn: {
    name: 'countersign_workloads_would_warn',
    type: 'gauge',
    help: 'Running workloads that would be warned of, were they created now; counted by the leader.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
