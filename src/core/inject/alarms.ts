/**
 * What the agent says when somebody else has had its hands on the pod's wrapping token, and the leader reads in the
 * termination message of the init container. The words never change.
 */
export const ALARMS = {
  /** It was used before it ended, and not by the agent. */
  UnwrappedByAnother: 'the wrapping token of this pod was used by somebody else',
  /** It stands for something that the token role did not make. */
  CreatedElsewhere: 'the wrapping token of this pod was put in the place of another',
} as const;

export type Alarm = keyof typeof ALARMS;

export function isAlarm(word: string): word is Alarm {
  return Object.hasOwn(ALARMS, word);
}

const PREFIX = 'countersign-alarm:';

export function alarmLine(alarm: Alarm): string {
  return `${PREFIX} ${alarm}: ${ALARMS[alarm]}`;
}

/** @param message as kubelet put it into the status of the container. */
export function readAlarm(message: unknown): Alarm | undefined {
  if (typeof message !== 'string' || !message.startsWith(`${PREFIX} `)) return undefined;
  const [word = ''] = message.slice(PREFIX.length + 1).split(':', 1);
  return isAlarm(word) ? word : undefined;
}
