import type { Facts } from '../admit/ports.ts';
import { ALARMS, type Alarm, readAlarm } from '../core/inject/alarms.ts';
import { type JsonObject, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { regardingOf } from './decision-event.ts';
import type { EventEntry } from './event.ts';
import { type GivenToken, givenToken, initStatuses } from './given-token.ts';

/** What the agent of a pod has found: somebody else has had the wrapping token. */
export interface PodAlarm extends GivenToken {
  readonly alarm: Alarm;
}

/** @param object a pod as the API server has it, of any shape; `undefined`: it says nothing of the kind. */
export function alarmOf(object: unknown): PodAlarm | undefined {
  const [alarm] = initStatuses(object)
    .flatMap(messagesOf)
    .flatMap((message) => readAlarm(message) ?? []);
  const given = alarm && givenToken(object);
  return alarm === undefined || given === undefined ? undefined : { ...given, alarm };
}

/** Of a container that has ended, or is to start again after that. */
function messagesOf({ state, lastState }: JsonObject): readonly unknown[] {
  return [state, lastState].map((one) => objectOf(objectOf(one)['terminated'])['message']);
}

export function alarmEvent({ alarm, pod, uid }: PodAlarm, facts: Facts): EventEntry {
  const { namespace, name, controller } = pod;
  const itself = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  return {
    regarding: regardingOf(controller, namespace, facts) ?? itself,
    type: 'Warning',
    reason: alarm,
    action: 'Unwrap',
    note: `pod ${shown(name, 253)}: ${ALARMS[alarm]}; its Vault token is being revoked. Find out who reads pods in this namespace.`,
    key: `${alarm} ${uid}`,
  };
}
