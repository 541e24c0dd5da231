/** Objects as YAML that every parser reads alike: YAML 1.1 takes `no` and `0o7` for more than text, so what could be is quoted. */

type Value = string | readonly Value[] | { readonly [key: string]: Value | undefined };

/** One document, without its separator. Lists of text are on one line, as in hand-written roles. */
export function manifest(value: { readonly [key: string]: Value | undefined }): string {
  return block(value, '').join('\n');
}

function block(value: { readonly [key: string]: Value | undefined }, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : entry(key, item, indent)));
}

function entry(key: string, value: Value, indent: string): readonly string[] {
  const start = `${indent}${scalar(key)}:`;
  if (typeof value === 'string') return [`${start} ${scalar(value)}`];
  if (!isList(value)) return [start, ...block(value, `${indent}  `)];
  const texts = value.filter((item) => typeof item === 'string');
  if (texts.length === value.length) return [`${start} [${texts.map(scalar).join(', ')}]`];
  return [start, ...value.flatMap((item) => listItem(item, indent))];
}

function listItem(item: Value, indent: string): readonly string[] {
  if (typeof item === 'string' || isList(item)) return [];
  const [first = '', ...rest] = block(item, `${indent}    `);
  return [`${indent}  - ${first.trimStart()}`, ...rest];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

const PLAIN = /^[A-Za-z][A-Za-z0-9]*(?:[./-][A-Za-z0-9]+)*$/;
const NOT_TEXT = /^(?:y|yes|n|no|true|false|on|off|null)$/i;

/** A JSON string is a YAML string; what is not ASCII is escaped, so that nothing hides from a reader. */
function scalar(text: string): string {
  if (PLAIN.test(text) && !NOT_TEXT.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
