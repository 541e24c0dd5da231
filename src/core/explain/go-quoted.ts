/** Text as Go's `%q` prints it, of which Kubernetes' messages are made. */

/** The source of a pattern for one, with its quotes, of at most 300 characters. */
export const GO_QUOTED = String.raw`"(?:[^"\\\n]|\\[^\n]){0,300}"`;

const ESCAPE = /\\(?:[xuU]((?<=x)[0-9a-f]{2}|(?<=u)[0-9a-f]{4}|(?<=U)[0-9a-f]{8})|(.))/g;
const NAMED: Readonly<Partial<Record<string, string>>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** What it stands for; without quotes it is itself. */
export function unquoted(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('"')) return text;
  return text.slice(1, -1).replaceAll(ESCAPE, (all: string, hex?: string, one?: string) => {
    if (hex === undefined) return NAMED[one ?? ''] ?? one ?? all;
    const point = Number.parseInt(hex, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : '\ufffd';
  });
}
