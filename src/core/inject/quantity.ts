import type { Json } from '../json.ts';

/**
 * Kubernetes quantities, compared by value: the API server rewrites `1000m` to `1`, and `0.5Gi` to `512Mi`.
 */

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2}|)$/;
const MAX_LENGTH = 64;

const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * In billionths, rounded up as apimachinery/pkg/api/resource/quantity.go does; `undefined`: no quantity, or
 * one of a size that means nothing.
 */
export function quantityOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const match = typeof text === 'string' && text.length <= MAX_LENGTH ? SHAPE.exec(text) : null;
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const power = BINARY.indexOf(suffix);
  const scale = power > 0 ? 2n ** BigInt(10 * power) : 1n;
  const exponent = 9 - fraction.length + (power > 0 ? 0 : decimalExponent(suffix));
  const size = exponent >= 0 ? digits * scale * 10n ** BigInt(exponent) : roundUp(digits * scale, exponent);
  return sign === '-' ? -size : size;
}

function decimalExponent(suffix: string): number {
  return DECIMAL[suffix] ?? Number(suffix.slice(1));
}

function roundUp(digits: bigint, exponent: number): bigint {
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

/** The larger of two quantities, as it was written. */
export function largest(a: Json | undefined, b: Json | undefined): Json | undefined {
  return (quantityOf(a) ?? -1n) >= (quantityOf(b) ?? -1n) ? a : b;
}
