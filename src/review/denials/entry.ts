import { DENIAL_STATES, type DenialState, RECHECK_ANNOTATION } from '../../api/denial.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../core/json.ts';
import { shown } from '../../core/text.ts';
import type { WorkloadName } from '../../core/verdict/grants.ts';

/** What is kept in memory of a Denial: enough to find it, to close it, and to say which of several goes. */
export interface DenialEntry {
  readonly namespace: string;
  readonly name: string;
  readonly workload: WorkloadName;
  readonly account: { readonly name: string; readonly uid: string | undefined };
  readonly judgedAs: JudgedAs;
  readonly state: DenialState;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** When the state last changed. */
  readonly sinceMs: number;
  /** Who was refused most. */
  readonly requester: string;
  /** The grant that decided. */
  readonly grant: string | undefined;
  /** A re-check that was asked for and has no answer yet. */
  readonly recheck: string | undefined;
  readonly resourceVersion: string;
}

const GROUP = '/apis/countersign.dev/v1alpha1/namespaces';

export function denialsPath(namespace: string): string {
  return `${GROUP}/${encodeURIComponent(namespace)}/denials`;
}

export function denialPath({ namespace, name }: Pick<DenialEntry, 'namespace' | 'name'>): string {
  return `${denialsPath(namespace)}/${encodeURIComponent(name)}`;
}

export function denialKey({ namespace, name }: Pick<DenialEntry, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** Which of two judgements refused: what an account needs and may, or whether a pod carries what it asked for. */
export type JudgedAs = 'workload' | 'injected';

/** What a denial is about: the same for a refusal and for the admission that ends it. */
export function subjectKey(
  namespace: string,
  { kind, name }: WorkloadName,
  account: string,
  judgedAs: JudgedAs,
): string {
  return JSON.stringify([namespace, storedKind(kind), storedName(name), storedName(account), judgedAs]);
}

/** Said by `injected` alone: that the account is held to its word says nothing of them. */
const OF_INJECTED: readonly unknown[] = ['InjectionAltered', 'MirrorPod', 'NotInjected', 'NotMinted'];

function judgedAsOf({ findings }: JsonObject): JudgedAs {
  const isOne = listOf(findings).some((finding) => OF_INJECTED.includes(objectOf(finding)['reason']));
  return isOne ? 'injected' : 'workload';
}

const MAX_KIND = 63;

/** As the CRD takes them, whatever they are. */
export function storedKind(kind: string): string {
  return shown(kind, MAX_KIND) || '-';
}

export function storedName(name: string): string {
  return shown(name) || '-';
}

/** Longer than any time of RFC 3339 with a fraction. */
const MAX_RECHECK = 100;

/** JSON of any shape; `undefined`: it has no name or place. Without a status it has just been made. */
export function readEntry(object: unknown): DenialEntry | undefined {
  const { metadata: meta, spec: specified, status: stood } = objectOf(object);
  const [metadata, spec, status] = [objectOf(meta), objectOf(specified), objectOf(stood)];
  const [namespace, name] = [textOf(metadata['namespace']), textOf(metadata['name'])];
  if (!namespace || !name) return undefined;
  const [workload, account] = [objectOf(spec['workload']), objectOf(spec['serviceAccount'])];
  const createdMs = timeOf(metadata['creationTimestamp']) ?? 0;
  const firstSeenMs = timeOf(status['firstSeen']) ?? createdMs;
  return {
    namespace,
    name,
    workload: { kind: textOf(workload['kind']) ?? '', name: textOf(workload['name']) ?? '' },
    account: { name: textOf(account['name']) ?? '', uid: textOf(account['uid']) },
    judgedAs: judgedAsOf(spec),
    state: stateOf(status),
    count: countOf(status['count']),
    firstSeenMs,
    lastSeenMs: timeOf(status['lastSeen']) ?? createdMs,
    sinceMs: timeOf(status['since']) ?? firstSeenMs,
    requester: textOf(objectOf(listOf(status['requesters'])[0])['name']) ?? '',
    grant: textOf(status['grant']),
    recheck: recheckOf(metadata, status),
    resourceVersion: textOf(metadata['resourceVersion']) ?? '',
  };
}

export function stateOf({ state }: JsonObject): DenialState {
  return DENIAL_STATES.find((known) => known === state) ?? 'Open';
}

export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Milliseconds since the epoch. */
export function timeOf(value: unknown): number | undefined {
  const ms = Date.parse(textOf(value) ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function recheckOf({ annotations }: JsonObject, { recheck }: JsonObject): string | undefined {
  const asked = textOf(objectOf(annotations)[RECHECK_ANNOTATION])?.slice(0, MAX_RECHECK);
  const answered = textOf(objectOf(recheck)['requestedAt']);
  return asked === undefined || asked === '' || shown(asked, MAX_RECHECK) === answered
    ? undefined
    : shown(asked, MAX_RECHECK);
}
