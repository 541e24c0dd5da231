/**
 * Reads AgentConfig from its environment variable. Webhook and agent may be of different releases, so nothing
 * is taken on trust.
 */
import type { AgentConfig, FileContent } from '../core/inject/agent-config.ts';
import { VAULT_TOKEN_FILE } from '../core/inject/names.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { fileOf, identityOf, variableOf } from './config-outputs.ts';
import { credentialOf, issuanceOf, vaultOf } from './config-sources.ts';
import { isLoopbackUrl } from './notify.ts';
import { flag, keysOf, list, optional, type Report } from './shape.ts';

export type ConfigReading = { readonly config: AgentConfig } | { readonly problems: readonly string[] };

const keys: readonly (keyof AgentConfig)[] = [
  'version',
  'vault',
  'issuance',
  'credentials',
  'files',
  'env',
  'identities',
  'token',
  'sidecar',
  'notify',
  'rotate',
];

export function readConfig(text: string | undefined): ConfigReading {
  const root = parse(text);
  if (root === undefined) return { problems: ['expected the configuration as a JSON object'] };
  if (root['version'] !== 1) return { problems: ['version: expected 1; this agent is of another release'] };
  const problems: string[] = [];
  const report: Report = (place, problem) => problems.push(`${place}: ${problem}`);
  const each = <T>(key: keyof AgentConfig, read: (value: unknown, place: string, report: Report) => T) =>
    list(root[key], key, report).map((value, at) => read(value, `${key}[${at}]`, report));
  keysOf(root, keys, '', report);
  const config: AgentConfig = {
    version: 1,
    vault: vaultOf(root['vault'], report),
    ...issuanceOf(root['issuance'], report),
    credentials: each('credentials', credentialOf),
    files: each('files', fileOf),
    env: each('env', variableOf),
    identities: each('identities', identityOf),
    token: flag(root, 'token', '', report),
    sidecar: flag(root, 'sidecar', '', report),
    ...notifyOf(root, report),
    rotate: rotateOf(root, report),
  };
  checkNames(config, report);
  return problems.length > 0 ? { problems } : { config };
}

function parse(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function notifyOf(root: JsonObject, report: Report): { readonly notify?: string } {
  const found = optional(root, 'notify', '', report);
  if (found.notify !== undefined && found.notify !== '' && !isLoopbackUrl(found.notify)) {
    report('notify', 'expected http:// and the address of the pod itself: localhost, 127.0.0.1 or [::1]');
  }
  return found;
}

function rotateOf({ rotate }: JsonObject, report: Report): AgentConfig['rotate'] {
  if (rotate !== 'restart' && rotate !== 'none') report('rotate', 'expected restart or none');
  return rotate === 'restart' ? 'restart' : 'none';
}

/** Names are unique, and every file is made of credentials that there are. */
function checkNames(config: AgentConfig, report: Report): void {
  const credentials = config.credentials.map(({ name }) => name);
  const files = [
    ...config.files.map(({ file }) => file),
    ...config.identities.map(({ file }) => file),
    ...(config.token ? [VAULT_TOKEN_FILE] : []),
  ];
  const variables = config.env.map(({ variable }) => variable);
  for (const name of repeated(credentials)) report('credentials', `${shown(name, 60)} is there twice`);
  for (const name of repeated(files)) report('files', `${shown(name, 60)} is there twice`);
  for (const name of repeated(variables)) report('env', `${shown(name, 60)} is there twice`);
  const uses = [
    ...config.files.map(({ content }, at) => ({
      place: `files[${at}].content`,
      names: credentialsOf(content),
    })),
    ...config.env.map(({ value }, at) => ({
      place: `env[${at}].value`,
      names: value.kind === 'field' ? [value.credential] : [],
    })),
  ];
  for (const { place, names } of uses) {
    for (const name of names) {
      if (name !== '' && !credentials.includes(name))
        report(place, `there is no credential ${shown(name, 60)}`);
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
