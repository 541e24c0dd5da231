/**
 * Patterns are never run over a whole text, which is foreign and may be long: only over windows around a literal that has to
 * be there, few of them and short. So the steps of one explanation have a fixed bound however the text was made.
 */

/** UTF-16 units; what is beyond is not read. */
export const MAX_TEXT = 256 * 1024;
export const MAX_WINDOWS = 8;
const BEFORE = 1500;
const AFTER = 4000;
/** Of a window without its literal. */
export const MAX_WINDOW = BEFORE + AFTER;

/** A text, and the same by `loweredAscii`. */
export interface Lowered {
  readonly text: string;
  readonly lowered: string;
}

/** `literal` is in lower case. */
export function windowsOf({ text, lowered }: Lowered, literal: string): readonly string[] {
  const windows: string[] = [];
  let at = lowered.indexOf(literal);
  while (at >= 0 && windows.length < MAX_WINDOWS) {
    windows.push(text.slice(Math.max(0, at - BEFORE), at + literal.length + AFTER));
    at = lowered.indexOf(literal, at + Math.max(1, literal.length));
  }
  return windows;
}

/** Of the same length, unlike `toLowerCase`. */
export function loweredAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
