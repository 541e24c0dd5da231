import type { RunningWorkload } from '../admit/ports.ts';
import { ALARMS } from '../core/inject/alarms.ts';
import type { Notice } from '../core/notice.ts';
import { shown } from '../core/text.ts';
import type { PodAlarm } from '../review/alarm.ts';

/** Alarms as they are told outside the cluster. A leader that follows another tells them again: the notice is the same. */
export function tokenAlarm({ alarm, pod, uid }: PodAlarm): Notice {
  const { namespace, name, account } = pod;
  return {
    event: 'Alarm',
    uid: `${uid} ${alarm}`,
    namespace,
    text: `pod ${shown(namespace)}/${shown(name)}: ${ALARMS[alarm]}; its Vault token is being revoked`,
    fields: { alarm, workload: `Pod/${name}`, serviceAccount: account.name },
  };
}

export function breakGlassAlarm({ kind, namespace, name, account, uid = '' }: RunningWorkload): Notice {
  const what = `${shown(namespace)}/${shown(name)} (${shown(kind)})`;
  return {
    event: 'Alarm',
    uid: `${uid} BreakGlass`,
    namespace,
    text: `${what} runs by break-glass: nobody has judged it`,
    fields: { alarm: 'BreakGlass', workload: `${kind}/${name}`, serviceAccount: account.name },
  };
}
