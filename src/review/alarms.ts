import type { Facts } from '../admit/ports.ts';
import type { Alarm } from '../core/inject/alarms.ts';
import { ISSUANCE } from '../core/inject/annotations.ts';
import { objectOf, textOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { createReflector, type Sink } from '../kube/reflector.ts';
import { alarmEvent, alarmOf, type PodAlarm } from './alarm.ts';
import type { EventRecorder } from './events.ts';
import { fieldsOf, isOurs, type Revoking, revoke } from './revoking.ts';
import { createUnclaimed } from './unclaimed.ts';

/**
 * The leader's ear for the alarms of agents: each is told once, and the token that was stolen is revoked. So is one that no
 * agent came for in time: if it is still alive, somebody else has had it.
 */
export interface AlarmOptions extends Revoking {
  readonly client: KubeClient;
  readonly now: () => Date;
  readonly facts: Facts;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly onAlarm: (alarm: Alarm, pod: PodAlarm) => void;
}

const PODS = '/api/v1/pods';

/** Needs `list` and `watch` on pods. Never throws; ends with the signal. */
export async function watchAlarms(options: AlarmOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, random, log } = options;
  const told = new Set<string>();
  const unclaimed = createUnclaimed(options, signal);
  const sink: Sink = {
    put(object) {
      const uid = uidOf(object);
      unclaimed.put(object);
      const alarm = alarmOf(object);
      if (uid === undefined || alarm === undefined || told.has(uid)) return uid;
      told.add(uid);
      raise(options, object, alarm, signal);
      return uid;
    },
    drop(object) {
      told.delete(uidOf(object) ?? '');
      unclaimed.drop(uidOf(object) ?? '');
    },
    retain(keys) {
      unclaimed.retain(keys);
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
  const fields = { alarm: alarm.alarm, ...fieldsOf(alarm) };
  if (!isOurs(alarm, object, settings)) {
    log.warn('a pod raises an alarm and is not sealed by Countersign', fields);
    return;
  }
  log.warn('somebody else has had the wrapping token of a pod', fields);
  onAlarm(alarm.alarm, alarm);
  recorder.record(alarmEvent(alarm, facts));
  void revoke(options, alarm, fields, signal);
}
