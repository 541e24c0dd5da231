/** The part of the configuration that says what becomes of credentials: files, variables, signed tokens. */
import type { AgentFile, AgentIdentity, AgentVariable, FileContent } from '../core/inject/agent-config.ts';
import type { TemplateFilter, TemplatePart } from '../core/inject/template.ts';
import { type JsonObject, textsOf } from '../core/json.ts';
import { flag, keysOf, list, optional, type Report, required, shape } from './shape.ts';

/** A file of the set; no name that the swap itself uses (`..data`), nor a path. */
const fileName = /^(?!\.\.|\.$)[\w.-]{1,253}$/;
/** The API server's older and stricter rule (IsEnvVarName), and kubelet's limit for a key. */
const variableName = /^[-._a-zA-Z][-._a-zA-Z0-9]{0,127}$/;
/** One segment of a Vault path. */
const roleName = /^[^/\p{Cc}]{1,253}$/u;

const filters: Readonly<Record<TemplateFilter, true>> = { json: true, url: true, base64: true };

export function fileOf(value: unknown, place: string, report: Report): AgentFile {
  const object = shape(value, place, report);
  keysOf(object, ['file', 'content'], place, report);
  const file = fileNameOf(object, place, report);
  return { file, content: contentOf(object['content'], `${place}.content`, report) };
}

function contentOf(value: unknown, place: string, report: Report): FileContent {
  const object = shape(value, place, report);
  const kind = object['kind'];
  if (kind === 'template') {
    keysOf(object, ['kind', 'template'], place, report);
    const parts = list(object['template'], `${place}.template`, report);
    return { kind, template: parts.map((part, at) => partOf(part, `${place}.template[${at}]`, report)) };
  }
  const credential = required(object, 'credential', place, report);
  if (kind === 'field') {
    keysOf(object, ['kind', 'credential', 'field'], place, report);
    return { kind, credential, field: required(object, 'field', place, report) };
  }
  if (kind !== 'all') report(`${place}.kind`, 'expected all, field or template');
  keysOf(object, ['kind', 'credential'], place, report);
  return { kind: 'all', credential };
}

function partOf(value: unknown, place: string, report: Report): TemplatePart {
  const object = shape(value, place, report);
  if (typeof object['text'] === 'string') {
    keysOf(object, ['text'], place, report);
    return { text: object['text'] };
  }
  keysOf(object, ['credential', 'field', 'filters'], place, report);
  const known = textsOf(object['filters']).filter(isFilter);
  if (known.length !== list(object['filters'], `${place}.filters`, report).length) {
    report(`${place}.filters`, 'expected filters that this agent knows');
  }
  return {
    credential: required(object, 'credential', place, report),
    field: required(object, 'field', place, report),
    filters: known,
  };
}

function isFilter(word: string): word is TemplateFilter {
  return Object.hasOwn(filters, word);
}

export function variableOf(value: unknown, place: string, report: Report): AgentVariable {
  const object = shape(value, place, report);
  keysOf(object, ['variable', 'value'], place, report);
  const variable = required(object, 'variable', place, report);
  if (!variableName.test(variable)) report(`${place}.variable`, 'expected the name of a variable');
  return { variable, value: valueOf(object['value'], `${place}.value`, report) };
}

function valueOf(value: unknown, place: string, report: Report): AgentVariable['value'] {
  const object = shape(value, place, report);
  const kind = object['kind'];
  if (kind === 'token') {
    keysOf(object, ['kind'], place, report);
    return { kind };
  }
  if (kind !== 'field') report(`${place}.kind`, 'expected field or token');
  keysOf(object, ['kind', 'credential', 'field', 'base64'], place, report);
  return {
    kind: 'field',
    credential: required(object, 'credential', place, report),
    field: required(object, 'field', place, report),
    base64: flag(object, 'base64', place, report),
  };
}

export function identityOf(value: unknown, place: string, report: Report): AgentIdentity {
  const object = shape(value, place, report);
  keysOf(object, ['file', 'role', 'audience', 'scopes'], place, report);
  const file = fileNameOf(object, place, report);
  const role = required(object, 'role', place, report);
  if (!roleName.test(role) || role === '.' || role === '..') {
    report(`${place}.role`, 'expected the name of a role');
  }
  const scopes = textsOf(object['scopes']);
  if (scopes.length !== list(object['scopes'], `${place}.scopes`, report).length) {
    report(`${place}.scopes`, 'expected texts');
  }
  return { file, role, ...optional(object, 'audience', place, report), scopes };
}

function fileNameOf(object: JsonObject, place: string, report: Report): string {
  const file = required(object, 'file', place, report);
  if (!fileName.test(file)) report(`${place}.file`, 'expected a file name of letters, digits, ., _ and -');
  return file;
}
