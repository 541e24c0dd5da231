import { isObject, type JsonObject, objectOf, textMapOf, textOf, textsOf } from '../../core/json.ts';
import { vaultFailure } from './failure.ts';

/** Of the identity engine, as far as it adds to a login: https://developer.hashicorp.com/vault/api-docs/secret/identity. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  /** Nobody logs in as it. */
  readonly disabled: boolean;
  readonly policies: readonly string[];
  /** It is a member itself, not by a group within the group. */
  readonly groupIds: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly aliases: readonly EntityAlias[];
}

export interface EntityAlias {
  readonly id: string;
  readonly name: string;
  readonly accessor: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customMetadata: Readonly<Record<string, string>>;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly parentIds: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Members come and go with what the auth method says at each login; `undefined`: an internal group. */
  readonly external: { readonly accessor: string; readonly name: string } | undefined;
}

/** @throws ERR_VAULT_PROTOCOL */
export function readEntity(data: JsonObject): Entity {
  const aliases = data['aliases'] ?? [];
  if (!Array.isArray(aliases) || !aliases.every(isObject)) throw misshapen('an entity', 'aliases');
  return {
    id: needed(data, 'id', 'an entity'),
    name: needed(data, 'name', 'an entity'),
    disabled: data['disabled'] === true,
    policies: list(data, 'policies', 'an entity'),
    groupIds: list(data, 'direct_group_ids', 'an entity'),
    metadata: textMapOf(data['metadata']),
    aliases: aliases.map(readAlias),
  };
}

function readAlias(alias: JsonObject): EntityAlias {
  return {
    id: needed(alias, 'id', 'an alias'),
    name: needed(alias, 'name', 'an alias'),
    accessor: needed(alias, 'mount_accessor', 'an alias'),
    metadata: textMapOf(alias['metadata']),
    customMetadata: textMapOf(alias['custom_metadata']),
  };
}

/** @throws ERR_VAULT_PROTOCOL */
export function readGroup(data: JsonObject): Group {
  const alias = objectOf(data['alias']);
  return {
    id: needed(data, 'id', 'a group'),
    name: needed(data, 'name', 'a group'),
    policies: list(data, 'policies', 'a group'),
    parentIds: list(data, 'parent_group_ids', 'a group'),
    metadata: textMapOf(data['metadata']),
    external:
      data['type'] === 'external'
        ? { accessor: textOf(alias['mount_accessor']) ?? '', name: textOf(alias['name']) ?? '' }
        : undefined,
  };
}

function needed(data: JsonObject, field: string, what: string): string {
  const text = textOf(data[field]);
  if (!text) throw misshapen(what, field);
  return text;
}

function list(data: JsonObject, field: string, what: string): readonly string[] {
  const items = data[field] ?? [];
  const texts = textsOf(items);
  if (!Array.isArray(items) || texts.length < items.length) throw misshapen(what, field);
  return texts;
}

function misshapen(what: string, field: string): Error {
  return vaultFailure('Misshapen', `${what} without a usable ${field}`);
}
