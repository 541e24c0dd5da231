import { compareText } from '../scope/canonical.ts';
import { shown } from '../text.ts';
import type { AgentFile, AgentIdentity } from './agent-config.ts';
import {
  type Asked,
  type FieldProblem,
  INJECT,
  isOurs,
  type Report,
  readKey,
  sortedKeys,
  unknownKey,
} from './annotations.ts';
import { type Containers, fileContainers, readContainers, type Selection } from './containers.ts';
import { type CredentialRequest, parseCredential } from './credential.ts';
import { fileNameProblem, parseFile } from './file.ts';
import { parseIdentity } from './identity.ts';
import { type OptionName, optionProblem } from './options.ts';
import { checkOutputs, hasFiles, thingsInFiles } from './outputs.ts';
import { bounded, MAX_PROBLEMS } from './problems.ts';
import { checkRotation, readNotify, readRefreshes } from './rotation.ts';
import { CREDENTIAL_NAME } from './template.ts';
import { type PlacedVariable, readVariables } from './variable.ts';

/** What a pod's annotations ask for, understood whole or not at all. */
export interface InjectionRequest {
  /** `policy`: the first issuance that the policy allows. */
  readonly issuance: 'policy' | 'login' | 'wrapped';
  /** Name of the connection. */
  readonly vault: string;
  /** The Vault role asked for; `undefined`: the policy's pattern, else the account's name. */
  readonly role: string | undefined;
  /** Sorted by name. */
  readonly credentials: readonly CredentialRequest[];
  /** Sorted by file name. */
  readonly files: readonly AgentFile[];
  /** Sorted by name; `VAULT_TOKEN` among them where the token is asked for as a variable. */
  readonly env: readonly PlacedVariable[];
  /** Sorted by file name. */
  readonly identities: readonly AgentIdentity[];
  readonly token: 'file' | 'env' | 'none';
  /** The containers that get the files. */
  readonly fileContainers: Containers;
  /** Every annotation that names containers. */
  readonly selections: readonly Selection[];
  readonly agent: 'auto' | 'sidecar' | 'init';
  /** A loopback URL. */
  readonly notify: string | undefined;
  readonly rotate: 'restart' | 'none';
  readonly order: Order;
}

/**
 * Where our containers stand: in front of all others, behind the one named, or (`auto`) behind a mesh proxy that is a
 * native sidecar.
 */
export type Order = 'auto' | 'first' | { readonly after: string };

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
  const read = named('credential').flatMap((one) => readCredential(one, report));
  const names = read.map(({ name }) => name);
  const refreshes = readRefreshes(named('refresh'), names, report);
  const credentials = read.map((one) => refreshed(one, refreshes.get(one.name)));
  const files = named('file').flatMap((one) => readFile(one, report));
  const identities = named('identity').flatMap((one) => readIdentity(one, report));
  const outputs = OUTPUTS.flatMap(named).length;
  const token = oneOf(['file', 'env', 'none'], option('token')) ?? (outputs === 0 ? 'file' : 'none');
  const variables = readVariables(named('env'), token === 'env' ? named('token')[0] : undefined, report);
  const understood = files.length + identities.length + variables.length - (token === 'env' ? 1 : 0);
  checkOutputs({ names, files, identities, variables, token }, understood === outputs, report);
  const agent = oneOf(['sidecar', 'init'], option('agent')) ?? 'auto';
  const rotate = oneOf(['restart'], option('rotate')) ?? 'none';
  const things = thingsInFiles({ files, identities, token });
  const choice = readContainers(named('containers'), names, report);
  checkRotation(
    {
      agent,
      rotate: rotate === 'restart' ? named('rotate')[0] : undefined,
      notify: named('notify')[0],
      refresh: named('refresh'),
      hasFiles: hasFiles({ files, identities, token }),
      hasVariables: variables.length > 0,
    },
    report,
  );
  return {
    issuance: oneOf(['login', 'wrapped'], option('inject')) ?? 'policy',
    vault: option('vault') ?? 'default',
    role: option('vault-role'),
    credentials,
    files,
    env: variables
      .map((one) => ({
        ...one,
        containers: choice.of(one.value.kind === 'field' ? one.value.credential : undefined),
      }))
      .toSorted((one, other) => compareText(one.variable, other.variable)),
    identities,
    token,
    fileContainers: fileContainers(choice, things, report),
    selections: choice.selections,
    agent,
    notify: readNotify(named('notify')[0], report),
    rotate,
    order: orderOf(option('order') ?? 'auto'),
  };
}

/** Annotations that put something into the pod, so that the Vault token itself need not be there. */
const OUTPUTS = ['file', 'env', 'identity'];

function oneOf<const Word extends string>(
  words: readonly Word[],
  value: string | undefined,
): Word | undefined {
  return words.find((word) => word === value);
}

function orderOf(value: string): Order {
  if (value.startsWith('after:')) return { after: value.slice('after:'.length) };
  return value === 'first' ? 'first' : 'auto';
}

function refreshed(credential: CredentialRequest, refreshSeconds: number | undefined): CredentialRequest {
  return refreshSeconds === undefined ? credential : { ...credential, refreshSeconds };
}

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

function readIdentity({ key, argument = '', value }: Asked, report: Report): readonly AgentIdentity[] {
  const nameProblem = fileNameProblem(argument);
  if (nameProblem !== undefined) report(key, nameProblem);
  const { identity, problems } = parseIdentity(value);
  for (const problem of problems) report(key, problem);
  return problems.length > 0 ? [] : [{ file: argument, ...identity }];
}
