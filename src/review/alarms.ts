import type { Facts, Revoker } from '../admit/ports.ts';
import { CountersignError } from '../core/errors.ts';
import type { Alarm } from '../core/inject/alarms.ts';
import { ISSUANCE } from '../core/inject/annotations.ts';
import { isSealed } from '../core/inject/seal.ts';
import type { InjectionSettings } from '../core/inject/settings.ts';
import { objectOf, textOf } from '../core/json.ts';
import { backoffMs } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { createReflector, type Sink } from '../kube/reflector.ts';
import { alarmEvent, alarmOf, type PodAlarm } from './alarm.ts';
import type { EventRecorder } from './events.ts';

/** The leader's ear for the alarms of agents: each is told once, and the token that was stolen is revoked. */
export interface AlarmOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly facts: Facts;
  readonly settings: InjectionSettings;
  readonly revoker: Revoker;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly log: AlarmLog;
  readonly onAlarm: (alarm: Alarm) => void;
}

type Fields = Readonly<Record<string, string | number>>;

export interface AlarmLog {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
}

const PODS = '/api/v1/pods';

/** Needs `list` and `watch` on pods. Never throws; ends with the signal. */
export async function watchAlarms(options: AlarmOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, random, log } = options;
  const told = new Set<string>();
  const sink: Sink = {
    put(object) {
      const uid = uidOf(object);
      const alarm = alarmOf(object);
      if (uid === undefined || alarm === undefined || told.has(uid)) return uid;
      told.add(uid);
      raise(options, object, alarm, signal);
      return uid;
    },
    drop(object) {
      told.delete(uidOf(object) ?? '');
    },
    retain(keys) {
      for (const uid of told) if (!keys.has(uid)) told.delete(uid);
    },
  };
  let said: string | undefined;
  const reflector = createReflector({
    client,
    path: PODS,
    query: { labelSelector: `${ISSUANCE}=wrapped` },
    sink,
    clock,
    random,
    onChange({ failure }) {
      if (failure !== undefined && failure.code !== said)
        log.warn('alarms of pods cannot be heard', { failure: failure.message });
      said = failure?.code;
    },
  });
  await reflector.run(signal);
}

function uidOf(object: unknown): string | undefined {
  return textOf(objectOf(objectOf(object)['metadata'])['uid']);
}

function raise(options: AlarmOptions, object: unknown, alarm: PodAlarm, signal: AbortSignal): void {
  const { settings, facts, recorder, log, onAlarm } = options;
  const { namespace, name, account } = alarm.pod;
  const fields = { alarm: alarm.alarm, vault: alarm.vault, namespace, pod: name, account: account.name };
  // Only Countersign's own annotation says whose token is revoked.
  if (!isSealed({ namespace, account: account.name, pod: object }, settings)) {
    log.warn('a pod raises an alarm and is not sealed by Countersign', fields);
    return;
  }
  log.warn('somebody else has had the wrapping token of a pod', fields);
  onAlarm(alarm.alarm);
  recorder.record(alarmEvent(alarm, facts));
  void revoke(options, alarm, fields, signal);
}

const TRY_MS = 5000;

/** Until it is done, or Vault refuses it: whoever has the token renews it for as long as its role lets them. */
async function revoke(
  { revoker, clock, random, log }: AlarmOptions,
  { vault, accessor }: PodAlarm,
  fields: Fields,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    const late = new AbortController();
    const cancel = clock.after(TRY_MS, () => late.abort());
    try {
      await revoker.revoke(vault, accessor, AbortSignal.any([signal, late.signal]));
      log.info('revoked the token of a pod', fields);
      return;
    } catch (error) {
      const known = error instanceof CountersignError;
      const failure = known ? error.message : 'no answer in time';
      log.warn('the token of a pod is not revoked yet', { ...fields, failure, failures });
      if (known && !error.retryable && error.code === 'ERR_CONFIG') return;
    } finally {
      cancel();
    }
    await sleep(clock, backoffMs(failures, random()), signal);
  }
}
