/** The files of a set, from the credentials' fields. Pure. */
import type { AgentFile } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { renderTemplate } from '../core/inject/template.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { type Attempt, type Failure, final } from './failure.ts';

export type Credentials = ReadonlyMap<string, JsonObject>;

/** All files, or every one that can't be made. */
export function render(
  files: readonly AgentFile[],
  credentials: Credentials,
): Attempt<ReadonlyMap<string, string>> {
  const rendered = new Map<string, string>();
  const failures: Failure[] = [];
  for (const { file, content } of files) {
    const result = contentOf(content, credentials);
    if ('text' in result) rendered.set(file, result.text);
    else failures.push(final('content', `${PREFIX}file.${file}`, lacking(result.missing)));
  }
  return failures.length > 0 ? { failures } : { value: rendered };
}

type Content = { readonly text: string } | { readonly missing: readonly string[] };

function contentOf(content: AgentFile['content'], credentials: Credentials): Content {
  switch (content.kind) {
    case 'all': {
      const data = credentials.get(content.credential);
      return data === undefined ? { missing: [content.credential] } : { text: sortedJson(data) };
    }
    case 'field': {
      const text = fieldText(credentials, content.credential, content.field);
      return text === undefined ? { missing: [`${content.credential}.${content.field}`] } : { text };
    }
    case 'template':
      return renderTemplate(content.template, (credential, field) =>
        fieldText(credentials, credential, field),
      );
  }
}

function lacking(missing: readonly string[]): string {
  return `vault's answer has no field ${missing.join(', ')}`;
}

/** Text as it is, anything else as JSON; `undefined` when there is no such field or it is null. */
export function fieldText(credentials: Credentials, credential: string, field: string): string | undefined {
  const data = credentials.get(credential);
  if (data === undefined || !Object.hasOwn(data, field)) return undefined;
  const value = data[field] ?? undefined;
  return value === undefined || typeof value === 'string' ? value : sortedJson(value);
}

/**
 * The same fields always give the same bytes. Written out, since a key such as `__proto__` can't be assigned.
 */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(value[key])}`);
  return `{${members.join(',')}}`;
}
