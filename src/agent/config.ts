/**
 * Reads AgentConfig from its environment variable. Webhook and agent may be of different releases, so nothing
 * is taken on trust.
 */
import type {
  AgentConfig,
  AgentCredential,
  AgentFile,
  AgentVault,
  FileContent,
} from '../core/inject/agent-config.ts';
import { VAULT_TOKEN_FILE } from '../core/inject/names.ts';
import { CREDENTIAL_NAME, type TemplateFilter, type TemplatePart } from '../core/inject/template.ts';
import { isObject, type JsonObject, objectOf, textMapOf, textsOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { endpointProblems } from '../vault/endpoint.ts';
import { pathProblem } from '../vault/path.ts';
import { flag, keysOf, list, optional, type Report, required, shape } from './shape.ts';

export type ConfigReading = { readonly config: AgentConfig } | { readonly problems: readonly string[] };

/** A file of the set; no name that the swap itself uses (`..data`), nor a path. */
const fileName = /^(?!\.\.|\.$)[\w.-]{1,253}$/;

const filters: Readonly<Record<TemplateFilter, true>> = { json: true, url: true, base64: true };

export function readConfig(text: string | undefined): ConfigReading {
  const root = parse(text);
  if (root === undefined) return { problems: ['expected the configuration as a JSON object'] };
  if (root['version'] !== 1) return { problems: ['version: expected 1; this agent is of another release'] };
  const problems: string[] = [];
  const report: Report = (place, problem) => problems.push(`${place}: ${problem}`);
  keysOf(root, ['version', 'vault', 'credentials', 'files', 'token'], '', report);
  const vault = vaultOf(root['vault'], report);
  const credentials = list(root['credentials'], 'credentials', report).map((value, at) =>
    credentialOf(value, `credentials[${at}]`, report),
  );
  const files = list(root['files'], 'files', report).map((value, at) =>
    fileOf(value, `files[${at}]`, report),
  );
  const token = flag(root, 'token', '', report);
  checkNames({ version: 1, vault, credentials, files, token }, report);
  return problems.length > 0 ? { problems } : { config: { version: 1, vault, credentials, files, token } };
}

function parse(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function vaultOf(value: unknown, report: Report): AgentVault {
  const place = 'vault';
  const object = shape(value, place, report);
  keysOf(
    object,
    ['address', 'namespace', 'authMount', 'authMethod', 'role', 'ca', 'tlsServerName'],
    place,
    report,
  );
  const method = object['authMethod'];
  if (method !== 'kubernetes' && method !== 'jwt')
    report(`${place}.authMethod`, 'expected kubernetes or jwt');
  const vault: AgentVault = {
    address: required(object, 'address', place, report),
    authMount: required(object, 'authMount', place, report),
    authMethod: method === 'jwt' ? 'jwt' : 'kubernetes',
    role: required(object, 'role', place, report),
    ...optional(object, 'namespace', place, report),
    ...optional(object, 'ca', place, report),
    ...optional(object, 'tlsServerName', place, report),
  };
  for (const { field, message } of endpointProblems(vault)) report(`${place}.${field}`, message);
  checkPath(vault.authMount, `${place}.authMount`, report);
  return vault;
}

function credentialOf(value: unknown, place: string, report: Report): AgentCredential {
  const object = shape(value, place, report);
  keysOf(object, ['name', 'operation', 'path', 'parameters', 'kv2'], place, report);
  const name = required(object, 'name', place, report);
  if (!CREDENTIAL_NAME.test(name)) report(`${place}.name`, 'expected a-z, 0-9 and -, at most 40 characters');
  const operation = object['operation'];
  if (operation !== 'read' && operation !== 'write') report(`${place}.operation`, 'expected read or write');
  const parameters = objectOf(object['parameters']);
  if (!isObject(object['parameters']) || Object.values(parameters).some((item) => typeof item !== 'string')) {
    report(`${place}.parameters`, 'expected an object of texts');
  }
  const path = required(object, 'path', place, report);
  checkPath(path, `${place}.path`, report);
  return {
    name,
    operation: operation === 'write' ? 'write' : 'read',
    path,
    parameters: textMapOf(parameters),
    kv2: flag(object, 'kv2', place, report),
  };
}

function fileOf(value: unknown, place: string, report: Report): AgentFile {
  const object = shape(value, place, report);
  keysOf(object, ['file', 'content'], place, report);
  const file = required(object, 'file', place, report);
  if (!fileName.test(file)) report(`${place}.file`, 'expected a file name of letters, digits, ., _ and -');
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

/** Names are unique, and every file is made of credentials that there are. */
function checkNames(config: AgentConfig, report: Report): void {
  const credentials = config.credentials.map(({ name }) => name);
  const files = [...config.files.map(({ file }) => file), ...(config.token ? [VAULT_TOKEN_FILE] : [])];
  for (const name of repeated(credentials)) report('credentials', `${shown(name, 60)} is there twice`);
  for (const name of repeated(files)) report('files', `${shown(name, 60)} is there twice`);
  for (const [at, { content }] of config.files.entries()) {
    for (const name of credentialsOf(content)) {
      if (name !== '' && !credentials.includes(name))
        report(`files[${at}].content`, `there is no credential ${shown(name, 60)}`);
    }
  }
}

function credentialsOf(content: FileContent): readonly string[] {
  if (content.kind !== 'template') return [content.credential];
  return [...new Set(content.template.flatMap((part) => ('credential' in part ? [part.credential] : [])))];
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

function checkPath(path: string, place: string, report: Report): void {
  const problem = path === '' ? undefined : pathProblem(path);
  if (problem !== undefined) report(place, problem);
}
