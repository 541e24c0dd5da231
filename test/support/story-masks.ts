/** What differs each time a story is run, and what stands for it in a page. */
interface Mask {
  readonly pattern: RegExp;
  readonly shown: string;
  /** It comes again in what is run or printed later, wherever it stands there. */
  readonly named?: boolean;
}

/** That of the names which the API server makes up. */
const MADE = '[bcdfghjklmnpqrstvwxz2456789]{5}';

const MASKS: readonly Mask[] = [
  { pattern: new RegExp(String.raw`\bapi-${MADE}\b`, 'gu'), shown: 'api-7x2kq', named: true },
  { pattern: new RegExp(`(?<=-(?:approve|reject|revoke)-)${MADE}`, 'gu'), shown: 'm4t9p' },
  {
    pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gu,
    shown: '0b6f7a52-3c1e-4d7f-9a58-6e0d2f4b8c13',
  },
  { pattern: /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu, shown: '2026-01-31T12:00:00Z' },
  { pattern: /http:\/\/127\.0\.0\.1:\d+\/#link=[\w-]+/gu, shown: 'http://127.0.0.1:42871/#link=Vb3tXk…' },
  // The age of what was made a moment ago.
  { pattern: /(?<=\s)(?:\d{1,2}m)?\d{1,3}s(?=\s|$)/gu, shown: '12s' },
];

export interface Masked {
  /** What was printed, as a page shows it. */
  shown(text: string): string;
  /** What a page says, as it is run. */
  real(command: string): string;
}

/** One run of a story: names that were given in it are known from then on. */
export function maskedRun(): Masked {
  const names = new Map<string, string>();
  return {
    shown(text) {
      return MASKS.reduce((masked, { pattern, shown, named = false }) => {
        if (named) for (const [real] of masked.matchAll(pattern)) names.set(shown, real);
        return masked.replaceAll(pattern, shown);
      }, text);
    },
    real(command) {
      return [...names].reduce((text, [shown, real]) => text.replaceAll(shown, real), command);
    },
  };
}

/** How wide a column is depends on what is in it. */
export function withoutColumns(text: string): string {
  return text.replaceAll(/ {2,}/gu, '  ').replaceAll(/ +$/gmu, '');
}
