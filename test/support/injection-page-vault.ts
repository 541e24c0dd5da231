/** What docs/injection.md does in Vault, done there. */
import type { JsonObject } from '../../src/core/json.ts';
import type { InjectionPage } from './injection-page.ts';
import type { VaultServer } from './vault-server.ts';

/**
 * Does in Vault what the page does, but for the auth method, which is up to the test: its commands are those with `auth`.
 * @param role the words behind `vault write auth/kubernetes/role/cart`
 */
export async function followPage(
  server: VaultServer,
  { commands, policy }: InjectionPage,
  role?: (settings: JsonObject) => JsonObject,
): Promise<void> {
  for (const [vault, verb = '', ...words] of commands) {
    if (vault !== 'vault') throw new Error(`not a command of the page: ${vault}`);
    const [target = '', ...rest] = words.filter((word) => !word.startsWith('-'));
    const flags = words.filter((word) => word.startsWith('-'));
    if (verb === 'auth' || target === 'auth/kubernetes/config') continue;
    if (target.startsWith('auth/')) {
      if (role !== undefined) await server.call('POST', target, role(pairs(rest)));
    } else if (verb === 'write') await server.call('POST', target, pairs(rest));
    else if (verb === 'policy') await server.call('POST', `sys/policies/acl/${rest[0]}`, { policy });
    else if (verb === 'kv') await putKv(server, rest);
    else if (verb === 'secrets') await enable(server, rest[0] ?? '', flags);
    else throw new Error(`not a command of the page: vault ${verb}`);
  }
}

async function putKv(server: VaultServer, [path = '', ...rest]: readonly string[]): Promise<void> {
  const [mount = '', ...below] = path.split('/');
  await server.call('POST', `${mount}/data/${below.join('/')}`, { data: pairs(rest) });
}

async function enable(server: VaultServer, type: string, flags: readonly string[]): Promise<void> {
  const flag = (name: string) => flags.find((one) => one.startsWith(`-${name}=`))?.slice(name.length + 2);
  const version = flag('version');
  const options = version === undefined ? {} : { options: { version } };
  await server.call('POST', `sys/mounts/${flag('path') ?? type}`, { type, ...options });
}

function pairs(words: readonly string[]): JsonObject {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** The engine at `database` gives leased users as a database would: RabbitMQ's, which needs no more than an HTTP server. */
export async function leaseUsers(server: VaultServer, rabbitMq: string): Promise<void> {
  await server.call('POST', 'sys/mounts/database', { type: 'rabbitmq' });
  await server.call('POST', 'database/config/connection', {
    connection_uri: rabbitMq,
    username: 'admin',
    password: 'admin',
    verify_connection: false,
  });
  await server.call('POST', 'database/config/lease', { ttl: 300, max_ttl: 600 });
  await server.call('POST', 'database/roles/cart', { tags: 'management' });
}
