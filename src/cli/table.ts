import { shown } from '../core/text.ts';

/** Columns as kubectl prints them: a header in capitals, three spaces between, nothing behind the last. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [
    header,
    ...rows.map((row) => row.map((cell) => (cell === '' ? NONE : shown(cell, MAX_CELL)))),
  ];
  const widths = header.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

const NONE = '<none>';
const MAX_CELL = 200;

const [MINUTE, HOUR, DAY, YEAR] = [60, 3600, 86_400, 31_536_000] as const;

/** Below how many seconds, in which units (apimachinery/pkg/util/duration HumanDuration). */
const STEPS = [
  [2 * MINUTE, 1, 's', undefined],
  [10 * MINUTE, MINUTE, 'm', [1, 's']],
  [3 * HOUR, MINUTE, 'm', undefined],
  [8 * HOUR, HOUR, 'h', [MINUTE, 'm']],
  [2 * DAY, HOUR, 'h', undefined],
  [8 * DAY, DAY, 'd', [HOUR, 'h']],
  [2 * YEAR, DAY, 'd', undefined],
  [8 * YEAR, YEAR, 'y', [DAY, 'd']],
  [Number.POSITIVE_INFINITY, YEAR, 'y', undefined],
] as const;

/** `45s`, `5m30s`, `3h20m`, `12d`: how long ago, or for how long yet. Empty where the time is none. */
export function age(fromMs: number, toMs: number): string {
  const seconds = Math.floor((toMs - fromMs) / 1000);
  if (Number.isNaN(seconds)) return '';
  if (seconds < 0) return '0s';
  const step = STEPS.find(([below]) => seconds < below);
  if (step === undefined) return '';
  const [, unit, letter, rest] = step;
  const more = rest === undefined ? 0 : Math.floor((seconds % unit) / rest[0]);
  return `${Math.floor(seconds / unit)}${letter}${rest === undefined || more === 0 ? '' : `${more}${rest[1]}`}`;
}
