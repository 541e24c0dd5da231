import { type JsonObject, textOf } from '../../core/json.ts';
import { shown } from '../../core/text.ts';
import type { Dialect } from '../../core/vault/acl.ts';
import type { VaultClient } from '../../vault/client.ts';
import { isForbidden, vaultFailure } from './failure.ts';
import { type Entity, type Group, readEntity, readGroup } from './identity-answers.ts';
import type { VaultReader } from './reader.ts';

/** What is asked of Vault. `undefined`: there is none. Each may fail as the client does. */
export interface VaultQuestions {
  mount(signal: AbortSignal): Promise<Mount>;
  roleNames(signal: AbortSignal): Promise<readonly string[]>;
  /** The answer as it came. */
  role(name: string, signal: AbortSignal): Promise<JsonObject | undefined>;
  /** Its text. */
  policy(name: string, signal: AbortSignal): Promise<string | undefined>;
  entity(alias: Alias, signal: AbortSignal): Promise<Entity | undefined>;
  group(id: string, signal: AbortSignal): Promise<Group | undefined>;
  /** An external group, by what the auth method calls it. */
  groupOf(alias: Alias, signal: AbortSignal): Promise<Group | undefined>;
}

export interface Mount {
  readonly type: string;
  readonly accessor: string;
  readonly dialect: Dialect;
}

export interface Alias {
  readonly name: string;
  /** Accessor of the auth mount. */
  readonly accessor: string;
}

/** @param mount the auth mount whose roles are read, without `auth/`. */
export function createQuestions(
  client: Pick<VaultClient, 'read' | 'list' | 'lookup'>,
  reader: Pick<VaultReader, 'call'>,
  mount: string,
): VaultQuestions {
  async function read(path: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    return (await reader.call((token) => client.read(path, token, signal))).data;
  }

  async function lookup(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject | undefined> {
    return (await reader.call((token) => client.lookup(path, body, token, signal))).data;
  }

  return {
    async mount(signal) {
      // Open to every token that may do anything under the mount.
      const data = await read(`sys/internal/ui/mounts/auth/${mount}`, signal).catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
        throw vaultFailure('NotAllowed', `there is no mount auth/${mount}, or none that we may use`);
      });
      const type = textOf(data?.['type']);
      const accessor = textOf(data?.['accessor']);
      // A path below a mount is answered with the mount.
      const path = textOf(data?.['path']) ?? `${mount}/`;
      if (path !== `${mount}/`) throw vaultFailure('Refused', `there is no mount auth/${mount}`);
      if (!type || !accessor) throw vaultFailure('Misshapen', `auth/${mount} without type or accessor`);
      // OpenBao brings both methods with it.
      const dialect = textOf(data?.['running_plugin_version'])?.endsWith('.bao') ? 'openbao' : 'vault';
      return { type, accessor, dialect };
    },
    roleNames: (signal) => reader.call((token) => client.list(`auth/${mount}/role`, token, signal)),
    role: (name, signal) => read(`auth/${mount}/role/${name}`, signal),
    async policy(name, signal) {
      const data = await read(`sys/policies/acl/${name}`, signal);
      if (data === undefined) return undefined;
      const text = textOf(data['policy']);
      if (text === undefined) throw vaultFailure('Misshapen', `policy ${shown(name)} without a text`);
      return text;
    },
    async entity({ name, accessor }, signal) {
      const body = { alias_name: name, alias_mount_accessor: accessor };
      const data = await lookup('identity/lookup/entity', body, signal);
      return data && readEntity(data);
    },
    async group(id, signal) {
      const data = await read(`identity/group/id/${id}`, signal);
      return data && readGroup(data);
    },
    async groupOf({ name, accessor }, signal) {
      const body = { alias_name: name, alias_mount_accessor: accessor };
      const data = await lookup('identity/lookup/group', body, signal);
      return data && readGroup(data);
    },
  };
}
