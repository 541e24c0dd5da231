/** The part of the configuration that says where credentials come from. */
import type { AgentCredential, AgentIssuance, AgentVault } from '../core/inject/agent-config.ts';
import { CREDENTIAL_NAME } from '../core/inject/template.ts';
import { isObject, objectOf, textMapOf } from '../core/json.ts';
import { endpointProblems } from '../vault/endpoint.ts';
import { pathProblem } from '../vault/path.ts';
import { flag, keysOf, optional, type Report, required, shape } from './shape.ts';

export function vaultOf(value: unknown, report: Report): AgentVault {
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

/** Absent: the agent logs in. */
export function issuanceOf(value: unknown, report: Report): { readonly issuance?: AgentIssuance } {
  if (value === undefined) return {};
  const place = 'issuance';
  const object = shape(value, place, report);
  keysOf(object, ['kind', 'creationPath', 'expiresAtSeconds', 'fallback'], place, report);
  const { kind, expiresAtSeconds, fallback } = object;
  if (kind !== 'wrapped') report(`${place}.kind`, 'expected wrapped');
  const path = required(object, 'creationPath', place, report);
  checkPath(path, `${place}.creationPath`, report);
  if (!isWholeSeconds(expiresAtSeconds))
    report(`${place}.expiresAtSeconds`, 'expected whole seconds since 1970');
  if (fallback !== 'login' && fallback !== 'none') report(`${place}.fallback`, 'expected login or none');
  return {
    issuance: {
      kind: 'wrapped',
      creationPath: path,
      expiresAtSeconds: isWholeSeconds(expiresAtSeconds) ? expiresAtSeconds : 0,
      fallback: fallback === 'login' ? 'login' : 'none',
    },
  };
}

function isWholeSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function credentialOf(value: unknown, place: string, report: Report): AgentCredential {
  const object = shape(value, place, report);
  keysOf(object, ['name', 'operation', 'path', 'parameters', 'kv2', 'refreshSeconds'], place, report);
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
    ...refreshOf(object['refreshSeconds'], place, report),
  };
}

function refreshOf(seconds: unknown, place: string, report: Report): { readonly refreshSeconds?: number } {
  if (seconds === undefined) return {};
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0) {
    return { refreshSeconds: seconds };
  }
  report(`${place}.refreshSeconds`, 'expected whole seconds, 1 or more');
  return {};
}

function checkPath(path: string, place: string, report: Report): void {
  const problem = path === '' ? undefined : pathProblem(path);
  if (problem !== undefined) report(place, problem);
}
