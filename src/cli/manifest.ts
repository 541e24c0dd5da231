/** Objects as YAML that every parser reads alike: YAML 1.1 takes `no` and `0o7` for more than text, so what could be is quoted. */

type Scalar = string | number | boolean;
type Value = Scalar | readonly Value[] | { readonly [key: string]: Value | undefined };

/** One document, without its separator. Lists of text are on one line, as in hand-written roles. */
export function manifest(value: { readonly [key: string]: Value | undefined }): string {
  return block(value, '').join('\n');
}

function block(value: { readonly [key: string]: Value | undefined }, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : entry(key, item, indent)));
}

function entry(key: string, value: Value, indent: string): readonly string[] {
  const start = `${indent}${scalar(key)}:`;
  if (isScalar(value)) return [`${start} ${scalar(value)}`];
  if (!isList(value)) {
    const lines = block(value, `${indent}  `);
    return lines.length === 0 ? [`${start} {}`] : [start, ...lines];
  }
  const texts = value.filter(isScalar);
  if (texts.length === value.length) return [`${start} [${texts.map(scalar).join(', ')}]`];
  return [start, ...value.flatMap((item) => listItem(item, indent))];
}

function listItem(item: Value, indent: string): readonly string[] {
  if (isScalar(item) || isList(item)) return [];
  const [first = '', ...rest] = block(item, `${indent}    `);
  return [`${indent}  - ${first.trimStart()}`, ...rest];
}

function isScalar(value: Value): value is Scalar {
  return typeof value !== 'object';
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

const PLAIN = /^[A-Za-z][A-Za-z0-9]*(?:[./-][A-Za-z0-9]+)*$/;
const NOT_TEXT = /^(?:y|yes|n|no|true|false|on|off|null)$/i;

/** A JSON string is a YAML string; what is not ASCII is escaped, so that nothing hides from a reader. */
function scalar(text: Scalar): string {
  if (typeof text !== 'string') return String(text);
  if (PLAIN.test(text) && !NOT_TEXT.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
