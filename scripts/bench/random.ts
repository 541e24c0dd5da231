/** Numbers in [0, 1) that look random and are the same in every run. */
export type Random = () => number;

/** Each thing has its own, by what it is called, so that it can be made alone: FNV-1a of the name seeds a mulberry32. */
export function randomOf(...name: readonly (string | number)[]): Random {
  let state = 0x811c9dc5;
  for (const character of name.join(' ')) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(items: readonly [T, ...T[]], random: Random): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}
