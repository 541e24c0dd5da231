/** `8h`, `1h30m`, `90s`: hours, minutes and seconds in whole numbers, each at most once, in this order. */
export const DURATION_PATTERN = '^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$';

const PARTS = new RegExp(DURATION_PATTERN, 'u');
const SECONDS = [3600, 60, 1] as const;

/** In seconds; `undefined` where the text is no such duration. */
export function parseDuration(text: string): number | undefined {
  const parts = PARTS.exec(text);
  if (parts === null || text === '') return undefined;
  return SECONDS.reduce((sum, seconds, at) => sum + seconds * Number.parseInt(parts[at + 1] ?? '0', 10), 0);
}

/** In the same form, without what is zero. */
export function printDuration(seconds: number): string {
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ] as const;
  const text = parts.map((part, at) => (part === 0 ? '' : `${part}${'hms'[at]}`)).join('');
  return text === '' ? '0s' : text;
}
