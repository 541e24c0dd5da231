import { readFile } from 'node:fs/promises';
import { readShape } from '../config/load.ts';
import { CountersignError } from '../core/errors.ts';
import { isObject, objectOf, textOf } from '../core/json.ts';
import { createVaultClient } from '../vault/client.ts';
import { originOf, type VaultEndpoint } from '../vault/endpoint.ts';
import { createTransport } from '../vault/transport.ts';
import { type Check, type Finding, fail, ok, RELEASE, unseen, warn } from './check.ts';

interface Asked {
  /** `undefined`: the configuration is not at hand. */
  readonly connections: readonly Connection[] | undefined;
  readonly inCluster: boolean;
}

interface Connection {
  readonly name: string;
  readonly address: string;
  /** Status of its health page, or why there is none. */
  readonly health: number | string;
  /** `untried`: no token of ours is at hand. */
  readonly login: 'untried' | 'succeeded' | { readonly refused: string };
}

const LIMITS = { deadlineMilliseconds: 5000, answerBytes: 64 * 1024 };

/** Does each Vault answer, is it unsealed, and does it let us in? */
export const vault: Check<Asked> = {
  name: 'vault',
  async ask(surroundings) {
    const { from, text } = await surroundings.configText();
    if (text === undefined) return { connections: undefined, inCluster: surroundings.inCluster };
    const vaults = Object.entries(objectOf(objectOf(readShape(text, from).value)['vaults']));
    const connections = await Promise.all(
      vaults.flatMap(([name, value]) => (isObject(value) ? [lookAt(name, value)] : [])),
    );
    return { connections, inCluster: surroundings.inCluster };
  },
  judge({ connections, inCluster }, { namespace }) {
    if (connections === undefined) {
      return [unseen('no connection is known: the configuration was not seen', 'name it with --config FILE')];
    }
    if (connections.length === 0) return [ok('no connection is configured')];
    return connections.flatMap((connection) => judged(connection, inCluster, namespace));
  },
};

async function lookAt(name: string, value: Readonly<Record<string, unknown>>): Promise<Connection> {
  const address = textOf(value['address']) ?? '';
  try {
    const endpoint = await endpointOf(address, value);
    const transport = createTransport(originOf(endpoint), endpoint, LIMITS);
    try {
      const { status } = await transport.exchange({
        method: 'GET',
        path: '/v1/sys/health',
        headers: { 'X-Vault-Request': 'true', Accept: 'application/json', 'User-Agent': 'countersign' },
        body: undefined,
        signal: undefined,
      });
      return { name, address, health: status, login: await tryLogin(endpoint, value) };
    } finally {
      transport.close();
    }
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { name, address, health: error.message, login: 'untried' };
  }
}

async function endpointOf(
  address: string,
  { ca, caFile, namespace, tlsServerName }: Readonly<Record<string, unknown>>,
): Promise<VaultEndpoint> {
  const file = textOf(caFile);
  // The files of a pod are not on a laptop: then the roots of the system have to do.
  const read = file === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  const pem = textOf(ca) ?? read;
  return {
    address,
    ...(pem !== undefined && { ca: pem }),
    ...(typeof namespace === 'string' && { namespace }),
    ...(typeof tlsServerName === 'string' && { tlsServerName }),
  };
}

/** As the webhook does, where its token is: in its pod. The token that it gets is given back. */
async function tryLogin(
  endpoint: VaultEndpoint,
  value: Readonly<Record<string, unknown>>,
): Promise<Connection['login']> {
  const facts = objectOf(value['facts']);
  const [role, tokenFile] = [textOf(facts['role']), textOf(facts['tokenFile'])];
  const mount = textOf(facts['authMount']) ?? textOf(value['authMount']) ?? 'kubernetes';
  const jwt = tokenFile === undefined ? undefined : await readFile(tokenFile, 'utf8').catch(() => undefined);
  if (jwt === undefined || role === undefined) return 'untried';
  const client = createVaultClient(endpoint, { readAttempts: 1, ...LIMITS });
  try {
    const { token } = await client.login({ mount, role, jwt: jwt.trim() });
    await client.revokeSelf(token).catch(() => undefined);
    return 'succeeded';
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { refused: error.message };
  } finally {
    client.close();
  }
}

/** sys/health: https://developer.hashicorp.com/vault/api-docs/system/health */
const HEALTH: Readonly<
  Record<number, { readonly state: Finding['state']; readonly says: string; readonly fix: string }>
> = {
  200: { state: 'ok', says: 'is unsealed and active', fix: '' },
  429: { state: 'ok', says: 'is an unsealed standby', fix: '' },
  472: {
    state: 'warn',
    says: 'is a disaster recovery secondary, which gives no credentials',
    fix: 'let the address lead to the primary',
  },
  473: { state: 'ok', says: 'is an unsealed performance standby', fix: '' },
  501: { state: 'fail', says: 'is not initialised', fix: 'initialise it: vault operator init' },
  503: { state: 'fail', says: 'is sealed', fix: 'unseal it: vault operator unseal' },
};

function judged(
  { name, address, health, login }: Connection,
  inCluster: boolean,
  namespace: string,
): readonly Finding[] {
  const which = `connection ${name} (${address})`;
  if (typeof health === 'string') {
    const says = `${which} cannot be reached from here: ${health}`;
    if (inCluster) return [fail(says, 'look at its address, its certificate, and NetworkPolicies')];
    return [
      unseen(
        says,
        `try it from a pod: kubectl exec -n ${namespace} deploy/${RELEASE} -- /nodejs/bin/node /app/countersign.cjs doctor --config /etc/countersign/config.yaml`,
      ),
    ];
  }
  const known = HEALTH[health];
  if (known === undefined) {
    return [
      warn(`${which} answers its health with ${health}`, 'look whether the address is that of a Vault'),
    ];
  }
  const { state, says, fix } = known;
  if (state !== 'ok') return [{ state, says: `${which} ${says}`, fix }];
  if (typeof login === 'object') {
    return [
      fail(
        `${which} ${says}, and refuses our login: ${login.refused}`,
        'compare the role of vaults.NAME.facts with the auth mount (docs/vault.md)',
      ),
    ];
  }
  return [ok(`${which} ${says}${login === 'succeeded' ? ', and lets us in' : ''}`)];
}
