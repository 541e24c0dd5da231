import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { VAULT_SCHEMA } from '../api/config-vault.ts';
import { isLabel } from '../config/formats.ts';
import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';
import { createPersonalVault, type PersonalVault } from '../facts/vault/personal.ts';
import { endpointProblems, type VaultEndpoint } from '../vault/endpoint.ts';

export interface VaultOptions {
  /** Name of a connection in the configuration of the webhook. */
  readonly vault?: string;
  /** Without `auth/`. */
  readonly vaultAuthMount?: string;
}

export const VAULT_HELP = `
--vault reads a Vault too, as the vault command line finds it: VAULT_ADDR, VAULT_NAMESPACE, VAULT_CACERT,
VAULT_TLS_SERVER_NAME, and the token in VAULT_TOKEN or ~/.vault-token. It needs the reading policy of
docs/vault.md. Nothing is written, and the token goes to VAULT_ADDR alone.`;

export const FOLDER_HAS_VAULT =
  '--vault is for what is in a cluster: a folder has the roles and policies of Vault in it (docs/vault.md)';

const DEFAULT_MOUNT = VAULT_SCHEMA.properties.authMount.default;

export function withVaultOptions(command: Command): Command {
  return command
    .option('--vault <CONNECTION>', 'read the Vault of this connection too, with your token', connectionName)
    .option('--vault-auth-mount <MOUNT>', `where pods log in at it (default: ${DEFAULT_MOUNT})`, mountName);
}

function connectionName(text: string): string {
  if (!isLabel(text)) throw new InvalidArgumentError('expected the name of a connection, such as default.');
  return text;
}

function mountName(text: string): string {
  const name = text.replace(/^auth\//u, '').replace(/\/$/u, '');
  if (!/^\w[\w.-]*(?:\/\w[\w.-]*)*$/u.test(name))
    throw new InvalidArgumentError('expected a mount such as kubernetes or team/kubernetes.');
  return name;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * `undefined`: it is not asked for.
 * @throws CountersignError `ERR_CONFIG` where the environment does not say which Vault
 */
export async function vaultOf(
  { vault: name, vaultAuthMount: mount }: VaultOptions,
  env: Env = process.env,
  home: string = homedir(),
): Promise<PersonalVault | undefined> {
  if (name === undefined) {
    if (mount !== undefined) throw misuse('--vault-auth-mount goes with --vault');
    return undefined;
  }
  return createPersonalVault({
    name,
    mount: mount ?? DEFAULT_MOUNT,
    endpoint: await endpointIn(env),
    token: () => tokenIn(env, join(home, '.vault-token')),
  });
}

const NAMES: Readonly<Record<keyof VaultEndpoint, string>> = {
  address: 'VAULT_ADDR',
  namespace: 'VAULT_NAMESPACE',
  ca: 'VAULT_CACERT',
  tlsServerName: 'VAULT_TLS_SERVER_NAME',
};

async function endpointIn(env: Env): Promise<VaultEndpoint> {
  const given = (field: keyof VaultEndpoint) => env[NAMES[field]] || undefined;
  const address = given('address')?.replace(/\/+$/u, '');
  if (address === undefined) throw misuse('--vault needs VAULT_ADDR, such as https://vault.example.com:8200');
  const [namespace, ca, tlsServerName] = [given('namespace'), given('ca'), given('tlsServerName')];
  const endpoint: VaultEndpoint = {
    address,
    ...(namespace !== undefined && { namespace }),
    ...(ca !== undefined && { ca: await textIn(ca, 'VAULT_CACERT') }),
    ...(tlsServerName !== undefined && { tlsServerName }),
  };
  const problems = endpointProblems(endpoint).map(({ field, message }) => `${NAMES[field]}: ${message}`);
  if (problems.length > 0) throw misuse(problems.join('; '));
  return endpoint;
}

/** The command line of Vault takes them in this order, too. */
async function tokenIn(env: Env, file: string): Promise<string> {
  const token = env['VAULT_TOKEN'] || (await readFile(file, 'utf8').catch(() => '')).trim();
  if (token !== '') return token;
  throw misuse('no token for Vault: vault login keeps one in ~/.vault-token, or set VAULT_TOKEN');
}

async function textIn(file: string, variable: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown };
    throw misuse(`${variable}: ${shown(file)} cannot be read (${String(code)})`);
  }
}

function misuse(message: string): CountersignError {
  return new CountersignError('ERR_CONFIG', message);
}
