import type { Facts } from '../admit/ports.ts';
import { readWorkload, type Workload } from '../core/admission/workload.ts';
import { ALARMS, type Alarm, readAlarm } from '../core/inject/alarms.ts';
import { ACCESSOR, PREFIX } from '../core/inject/annotations.ts';
import { INIT_CONTAINER } from '../core/inject/names.ts';
import { type JsonObject, listOf, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { regardingOf } from './decision-event.ts';
import type { EventEntry } from './event.ts';

/** What the agent of a pod has found: somebody else has had the wrapping token. */
export interface PodAlarm {
  readonly alarm: Alarm;
  readonly pod: Workload;
  readonly uid: string;
  /** Name of the connection. */
  readonly vault: string;
  /** Of the token that the pod was given. */
  readonly accessor: string;
}

/** @param object a pod as the API server has it, of any shape; `undefined`: it says nothing of the kind. */
export function alarmOf(object: unknown): PodAlarm | undefined {
  const status = objectOf(objectOf(object)['status']);
  const [alarm] = listOf(status['initContainerStatuses'])
    .map(objectOf)
    .filter(({ name }) => name === INIT_CONTAINER)
    .flatMap(messagesOf)
    .flatMap((message) => readAlarm(message) ?? []);
  // The items of a list do not say what they are.
  const pod = alarm && readWorkload({ ...objectOf(object), apiVersion: 'v1', kind: 'Pod' });
  const accessor = pod?.annotations[ACCESSOR];
  if (alarm === undefined || pod?.uid === undefined || accessor === undefined) return undefined;
  return {
    alarm,
    pod,
    uid: pod.uid,
    vault: pod.annotations[`${PREFIX}vault`]?.trim() ?? 'default',
    accessor,
  };
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
