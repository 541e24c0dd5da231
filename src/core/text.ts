/** Text from outside, made safe to show: on one line, without anything that a terminal or a reader's eye would obey. */

/** Control, format (bidi, zero width), line and paragraph separators, private use, lone surrogates, odd white space. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]|[^\S ]/gu;

/** At most `max` characters; what is unsafe is shown as `\uXXXX`. */
export function shown(text: string, max = 253): string {
  const safe = text.slice(0, max + 1).replace(UNSAFE, escaped);
  return safe.length <= max ? safe : `${safe.slice(0, max - 1)}…`;
}

/** `1 role`, `2 roles`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
