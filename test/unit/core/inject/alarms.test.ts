import { expect, it } from 'vitest';
import { type Alarm, alarmLine, readAlarm } from '../../../../src/core/inject/alarms.ts';

it.each<Alarm>(['UnwrappedByAnother', 'CreatedElsewhere'])('the alarm %s is read as it is said', (alarm) => {
  expect(readAlarm(alarmLine(alarm))).toBe(alarm);
});

it.each<unknown>([
  undefined,
  7,
  '',
  'UnwrappedByAnother',
  'countersign-alarm:',
  'countersign-alarm: constructor: x',
  'countersign-alarm: unwrappedbyanother: x',
  ' countersign-alarm: UnwrappedByAnother: x',
  'countersign gave up after 3 s: countersign-alarm: UnwrappedByAnother: x',
])('%j is no alarm', (message) => {
  expect(readAlarm(message)).toBeUndefined();
});
