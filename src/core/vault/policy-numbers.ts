/** Numbers, durations and times as Vault's Go code reads them. */

const WHOLE = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]*|0[bB][01]+|[1-9][0-9]*)$/;
const MAX_WHOLE = 2n ** 63n - 1n;
const SECOND = 1_000_000_000n;
const DAY_SECONDS = 86_400n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};
const DURATION = /^[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /([0-9]*)\.?([0-9]*)([a-zµμ]+)/g;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
/** Longer than any number or duration that fits. */
const MAX_LENGTH = 100;

/** In base 10, 16 or, after a zero, 8; `undefined` beyond 64 bits. */
export function wholeNumber(text: string): bigint | undefined {
  const [, sign, digits] = (text.length <= MAX_LENGTH && WHOLE.exec(text)) || [];
  if (digits === undefined || /^0[oO]$/.test(digits)) return undefined;
  return inRange(sign === '-' ? -BigInt(spelled(digits)) : BigInt(spelled(digits)));
}

function spelled(digits: string): string {
  return /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits;
}

function inRange(value: bigint): bigint | undefined {
  return value > MAX_WHOLE || value < -MAX_WHOLE - 1n ? undefined : value;
}

/** Nanoseconds of `1h30m`, `7d`, `90`; `undefined` where the server takes it for no duration. */
export function durationNanoseconds(text: string): bigint | undefined {
  if (text === '') return 0n;
  if (text.length > MAX_LENGTH) return undefined;
  const [, whole, day] = /^([-+]?[0-9]+)(d?)$/.exec(text) ?? [];
  if (whole !== undefined)
    return inRange(BigInt(whole.replace('+', '')) * SECOND * (day === 'd' ? DAY_SECONDS : 1n));
  return DURATION.test(text) ? inRange(text.startsWith('-') ? -sumOf(text) : sumOf(text)) : undefined;
}

function sumOf(text: string): bigint {
  let sum = 0n;
  for (const [, digits = '', fraction = '', unit = ''] of text.matchAll(PART)) {
    sum += (BigInt(`${digits}${fraction}`) * (UNITS[unit] ?? 0n)) / 10n ** BigInt(fraction.length);
  }
  return sum;
}

/** RFC 3339, or seconds since 1970. */
export function isTime(text: string): boolean {
  if (/^[-+]?[0-9]+$/.test(text)) return wholeNumber(text.replace(/^([-+]?)0+(?=[0-9])/, '$1')) !== undefined;
  return TIME.test(text) && !Number.isNaN(Date.parse(text.replace(',', '.')));
}
