import type { Pattern } from './pattern.ts';

/** The words of some patterns, as far as they decide which word none of them can tell from others. */
export interface Vocabulary {
  /** Segments and beginnings of segments. */
  readonly words: ReadonlySet<string>;
  /** Beginnings alone, the empty one of `+` among them. */
  readonly stems: ReadonlySet<string>;
  /** Characters that complete a stem to a word. */
  readonly taken: ReadonlySet<string>;
}

export function vocabularyOf(patterns: Iterable<Pattern>): Vocabulary {
  const words = new Set<string>();
  const stems = new Set(['']);
  for (const { segments } of patterns) {
    for (const { text, open } of segments) {
      words.add(text);
      if (open) stems.add(text);
    }
  }
  const taken = new Set([...words].map((word) => completing(word, stems)));
  return { words, stems, taken };
}

/**
 * A character that, put behind any stem, gives a word that no segment equals and no stem begins with: `x` unless
 * somebody uses it.
 */
export function freshWord(known: Vocabulary, more: Vocabulary): string {
  for (const word of candidates()) {
    if (isFresh(word, known, more)) return word;
  }
  throw new RangeError('the patterns use every character there is');
}

function isFresh(word: string, known: Vocabulary, more: Vocabulary): boolean {
  if (known.taken.has(word) || more.taken.has(word)) return false;
  return !meets(word, known.stems, more.words) && !meets(word, more.stems, known.words);
}

/** Looked up from the shorter side. */
function meets(word: string, stems: ReadonlySet<string>, words: ReadonlySet<string>): boolean {
  if (stems.size <= words.size) return stems.values().some((stem) => words.has(stem + word));
  return words.values().some((other) => other.endsWith(word) && stems.has(other.slice(0, -word.length)));
}

function completing(word: string, stems: ReadonlySet<string>): string {
  const width = (word.codePointAt(word.length - 2) ?? 0) > LAST_OF_ONE_UNIT ? 2 : 1;
  return stems.has(word.slice(0, -width)) ? word.slice(-width) : '';
}

const READABLE = 'xyzabcdefghijklmnopqrstuvwXYZABCDEFGHIJKLMNOPQRSTUVW0123456789';
const FIRST_FOREIGN = 0xa1;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const LAST_OF_ONE_UNIT = 0xffff;
const LAST = 0x10ffff;

/** More than a policy's text can use up. */
function* candidates(): Generator<string> {
  yield* READABLE;
  for (let point = FIRST_FOREIGN; point <= LAST; point += 1) {
    if (point < FIRST_SURROGATE || point > LAST_SURROGATE) yield String.fromCodePoint(point);
  }
}
