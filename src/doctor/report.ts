import { shown } from '../core/text.ts';
import type { Finding, State } from './check.ts';
import type { Examined } from './examine.ts';

const MOST = 400;
const WIDTH = 13;

/** As a table for people. What servers and objects say is made harmless. */
export function textReport(
  examined: readonly Examined[],
  paint: (state: State, text: string) => string,
): string {
  const lines = examined.flatMap(({ check, state, says, fix }) => [
    `${paint(state, state.padEnd(4))}  ${check.padEnd(WIDTH)}  ${shown(says, MOST)}`,
    ...(fix === undefined || fix === '' ? [] : [`${' '.repeat(WIDTH + 8)}fix: ${shown(fix, MOST)}`]),
  ]);
  return [...lines, '', summary(examined)].join('\n');
}

export function jsonReport(examined: readonly Examined[]): string {
  const findings = examined.map(({ says, fix, ...rest }) => ({
    ...rest,
    says: shown(says, MOST),
    ...(fix !== undefined && fix !== '' && { fix: shown(fix, MOST) }),
  }));
  return JSON.stringify({ findings }, null, 2);
}

function summary(examined: readonly Finding[]): string {
  const states: readonly State[] = ['ok', 'warn', 'fail'];
  const counts = states.map((state) => `${examined.filter((one) => one.state === state).length} ${state}`);
  const open = examined.filter(({ undetermined }) => undetermined === true).length;
  return [...counts, ...(open > 0 ? [`${open} of the warnings could not be looked at`] : [])].join(', ');
}
