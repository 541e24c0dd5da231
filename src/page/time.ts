import { timeText } from '../core/time.ts';

/** Times as people say them. Pure: `nowMs` comes from outside. */

const UNITS: readonly (readonly [seconds: number, letter: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** `3 min ago`, `2 d ago`, `now`; empty: not a time. */
export function agoText(time: string | undefined, nowMs: number): string {
  const ms = Date.parse(time ?? '');
  if (Number.isNaN(ms)) return '';
  const seconds = Math.floor((nowMs - ms) / 1000);
  for (const [size, letter] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${letter} ago`;
  }
  return seconds >= -60 ? 'now' : `in ${leftText(-seconds)}`;
}

/** `2 d 3 h`, `3 h 05 min`, `4 min 09 s`, `9 s`: counts down to the second where that matters. */
export function leftText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

/** To the second, with the zone: what a title and a copy hold. */
export function exactText(ms: number): string {
  return Number.isNaN(ms) ? '' : timeText(ms);
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}
