import { shown } from '../text.ts';
import type { AgentFile } from './agent-config.ts';
import {
  type Asked,
  type FieldProblem,
  INJECT,
  isOurs,
  PREFIX,
  type Report,
  readKey,
  sortedKeys,
  unknownKey,
} from './annotations.ts';
import { readContainers } from './containers.ts';
import { type CredentialRequest, parseCredential } from './credential.ts';
import { credentialsOf, fileNameProblem, parseFile } from './file.ts';
import { VAULT_TOKEN_FILE } from './names.ts';
import { type OptionName, optionProblem, UNSUPPORTED, unsupported } from './options.ts';
import { bounded, MAX_PROBLEMS } from './problems.ts';
import { CREDENTIAL_NAME } from './template.ts';

/** What a pod's annotations ask for, understood whole or not at all. */
export interface InjectionRequest {
  /** `policy`: the first issuance that the policy allows. */
  readonly issuance: 'policy' | 'login';
  /** Name of the connection. */
  readonly vault: string;
  /** The Vault role asked for; `undefined`: the policy's pattern, else the account's name. */
  readonly role: string | undefined;
  /** Sorted by name. */
  readonly credentials: readonly CredentialRequest[];
  /** Sorted by file name. */
  readonly files: readonly AgentFile[];
  readonly token: 'file' | 'none';
  /** Names of containers, init containers included; `undefined`: every regular container. */
  readonly containers: readonly string[] | undefined;
  /** Where our init container stands: first, or (`auto`) behind a mesh proxy that is a native sidecar. */
  readonly order: 'auto' | 'first';
}

export interface ParsedInjection {
  /** `undefined`: the pod does not ask, or what it asks has problems. */
  readonly request: InjectionRequest | undefined;
  readonly problems: readonly FieldProblem[];
}

/**
 * Reads `countersign.dev/*` annotations and ignores others. Total; all problems are reported at once. Keys
 * that do not exist and values that are no strings are problems on any pod, the rest only where credentials
 * are asked for.
 * @param annotations as they came: values of any type.
 */
export function parseInjection(annotations: Readonly<Record<string, unknown>>): ParsedInjection {
  const problems: FieldProblem[] = [];
  const report: Report = (key, message) => problems.push({ field: shown(key), message });
  const asked = sortOut(annotations, report);
  const declined = asked.some(({ key, value }) => key === INJECT && value.trim() === 'false');
  if (asked.length === 0 || declined) return { request: undefined, problems: bounded(problems) };
  if (annotations[INJECT] === undefined) {
    const others = shown(asked.map(({ key }) => key).join(', '), 200);
    report(INJECT, `is missing, though the pod has ${others}; add ${INJECT}: "true"`);
  }
  const request = readRequest(asked, report);
  return { request: problems.length === 0 ? request : undefined, problems: bounded(problems) };
}

function sortOut(annotations: Readonly<Record<string, unknown>>, report: Report): readonly Asked[] {
  const asked: Asked[] = [];
  let unknown = 0;
  for (const key of sortedKeys(annotations).filter(isOurs)) {
    const value = annotations[key];
    const known = readKey(key);
    // To find the nearest key costs time, and only the first problems are told.
    if (known === undefined) report(key, unknown++ < MAX_PROBLEMS ? unknownKey(key) : '');
    else if (typeof value !== 'string') report(key, 'expected a string; put the value in quotes');
    else if (known.purpose === 'request') asked.push({ ...known, value });
  }
  return asked;
}

function readRequest(asked: readonly Asked[], report: Report): InjectionRequest {
  const named = (name: string) => asked.filter((one) => one.name === name);
  const option = (name: OptionName) => readOption(named(name)[0], name, report);
  for (const { key, name } of asked) {
    const instead = Object.hasOwn(UNSUPPORTED, name) ? UNSUPPORTED[name] : undefined;
    if (instead !== undefined) report(key, unsupported('this annotation', instead));
  }
  option('agent');
  const credentials = named('credential').flatMap((one) => readCredential(one, report));
  const files = named('file').flatMap((one) => readFile(one, report));
  const outputs = OUTPUTS.flatMap(named).length;
  const word = option('token') ?? (outputs === 0 ? 'file' : 'none');
  const token = word === 'file' ? 'file' : 'none';
  checkFiles({ credentials, files, token }, outputs === files.length && word !== 'env', report);
  const names = credentials.map(({ name }) => name);
  return {
    issuance: option('inject') === 'login' ? 'login' : 'policy',
    vault: option('vault') ?? 'default',
    role: option('vault-role'),
    credentials,
    files,
    token,
    containers: readContainers(named('containers'), token === 'file' ? [...names, undefined] : names, report),
    order: option('order') === 'first' ? 'first' : 'auto',
  };
}

/** Annotations that put something into the pod, so that the Vault token itself need not be there. */
const OUTPUTS = ['file', 'env', 'identity'];

function readOption(asked: Asked | undefined, name: OptionName, report: Report): string | undefined {
  const value = asked?.value.trim();
  if (asked === undefined || value === undefined) return undefined;
  const problem = optionProblem(name, value);
  if (problem !== undefined) report(asked.key, problem);
  return value;
}

function readCredential({ key, argument = '', value }: Asked, report: Report): readonly CredentialRequest[] {
  const { problems, ...credential } = parseCredential(value);
  for (const problem of problems) report(key, problem);
  if (CREDENTIAL_NAME.test(argument)) return [{ name: argument, ...credential }];
  report(key, 'expected a credential name of 1 to 40 small letters, digits and "-"');
  return [];
}

function readFile({ key, argument = '', value }: Asked, report: Report): readonly AgentFile[] {
  const nameProblem = fileNameProblem(argument);
  if (nameProblem !== undefined) report(key, nameProblem);
  const { content, problems } = parseFile(value);
  for (const problem of problems) report(key, problem);
  return content === undefined ? [] : [{ file: argument, content }];
}

/**
 * Credentials and files fit together.
 * @param complete every output was understood, so that what nothing uses can be told.
 */
function checkFiles(
  { credentials, files, token }: Pick<InjectionRequest, 'credentials' | 'files' | 'token'>,
  complete: boolean,
  report: Report,
): void {
  const known = new Set(credentials.map(({ name }) => name));
  const used = new Set(files.flatMap(({ content }) => credentialsOf(content)));
  for (const { file, content } of files) {
    for (const name of credentialsOf(content).filter((credential) => !known.has(credential))) {
      const add = `add ${PREFIX}credential.${name}: <Vault path>`;
      report(`${PREFIX}file.${file}`, `there is no credential ${name}; ${add}`);
    }
    if (file === VAULT_TOKEN_FILE && token === 'file') {
      const mend = `rename it, or add ${PREFIX}token: none`;
      report(`${PREFIX}file.${file}`, `the Vault token, asked for too, is in a file of this name; ${mend}`);
    }
  }
  if (!complete) return;
  for (const name of [...known].filter((credential) => !used.has(credential))) {
    const add = `add ${PREFIX}file.<file name>: ${name} (in a template: {${name}.<field>})`;
    report(`${PREFIX}credential.${name}`, `nothing uses this credential; ${add}`);
  }
  if (known.size === 0 && files.length === 0 && token === 'none') {
    report(INJECT, `the pod asks for nothing; add ${PREFIX}credential.<name> and ${PREFIX}file.<file name>`);
  }
}
