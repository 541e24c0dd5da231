import type { Problem } from '../scope/scope.ts';
import { shown } from '../text.ts';

/** A parsed file template: text and values in turn. Values are inserted once and never scanned again. */
export type Template = readonly TemplatePart[];

export type TemplatePart =
  | { readonly text: string }
  | { readonly credential: string; readonly field: string; readonly filters: readonly TemplateFilter[] };

export type TemplateFilter = 'json' | 'url' | 'base64';

export const CREDENTIAL_NAME = /^[a-z0-9-]{1,40}$/;

const FILTERS: Readonly<Record<TemplateFilter, (value: string) => string>> = {
  json: (value) => JSON.stringify(value),
  url: (value) => encodeURIComponent(value.toWellFormed()),
  base64: (value) => Buffer.from(value, 'utf8').toString('base64'),
};

/** Braces written twice; a value; a brace alone; anything else. */
const TOKEN = /\{\{|\}\}|\{(?<value>[^}]*)\}|[{}]|[^{}]+/g;
/** More mistakes than this in one text help nobody. */
const MAX_PROBLEMS = 10;

/**
 * `{name.field}`, with filters behind bars: `{name.field|json}`, filters `json`, `url` (percent-encoding) and
 * `base64`. `{{` and `}}` are the braces themselves. The first dot ends the credential's name; a field may
 * hold more of them.
 */
export function parseTemplate(text: string): { template: Template; problems: readonly Problem[] } {
  const template: TemplatePart[] = [];
  const problems: Problem[] = [];
  let plain = '';
  for (const { 0: token, index, groups } of text.matchAll(TOKEN)) {
    const part = parseToken(token, groups?.['value']);
    if (typeof part === 'string') problems.push(problemAt(text, index, part));
    else if ('text' in part) plain += part.text;
    else {
      if (plain !== '') template.push({ text: plain });
      plain = '';
      template.push(part);
    }
    // What follows a brace that is never closed can't be told apart.
    if (token === '{' || problems.length === MAX_PROBLEMS) break;
  }
  if (plain !== '') template.push({ text: plain });
  return { template, problems };
}

function parseToken(token: string, value: string | undefined): TemplatePart | string {
  if (value !== undefined) return parseValue(value);
  if (token === '{') return 'this brace is never closed; a brace itself is written twice';
  if (token === '}') return 'this brace closes nothing; a brace itself is written twice';
  return { text: token === '{{' || token === '}}' ? token.charAt(0) : token };
}

/** `name.field` of a file that is one value, or of a value in a template; a string says what is wrong. */
export function parseReference(text: string): { credential: string; field: string } | string {
  const dot = text.indexOf('.');
  const [credential, field] = dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
  if (!CREDENTIAL_NAME.test(credential) || field === '' || /[\p{Cc}\p{Cs}{}|]/u.test(field)) {
    return `expected credential.field, found "${shown(text, 60)}"`;
  }
  return { credential, field };
}

function parseValue(inside: string): TemplatePart | string {
  const [name = '', ...words] = inside.split('|').map((word) => word.trim());
  const reference = parseReference(name);
  if (typeof reference === 'string') return `${reference}; a brace itself is written twice`;
  const filters: TemplateFilter[] = [];
  for (const word of words) {
    if (!isFilter(word))
      return `no filter "${shown(word, 60)}"; there are ${Object.keys(FILTERS).join(', ')}`;
    filters.push(word);
  }
  return { ...reference, filters };
}

function isFilter(word: string): word is TemplateFilter {
  return Object.hasOwn(FILTERS, word);
}

function problemAt(text: string, offset: number, message: string): Problem {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), message };
}

/** All that is missing is named at once, as `credential.field`. */
export function renderTemplate(
  template: Template,
  values: (credential: string, field: string) => string | undefined,
): { readonly text: string } | { readonly missing: readonly string[] } {
  const missing = new Set<string>();
  let text = '';
  for (const part of template) {
    if ('text' in part) {
      text += part.text;
      continue;
    }
    const value = values(part.credential, part.field);
    if (value === undefined) missing.add(`${part.credential}.${part.field}`);
    else text += part.filters.reduce((rest, filter) => FILTERS[filter](rest), value);
  }
  return missing.size > 0 ? { missing: [...missing] } : { text };
}
