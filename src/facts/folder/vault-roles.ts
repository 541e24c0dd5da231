import { isObject, type JsonObject } from '../../core/json.ts';
import { shown } from '../../core/text.ts';
import type { AuthMethod, AuthRole } from '../../core/vault/role.ts';
import { readRole } from '../../core/vault/role-read.ts';
import { expected } from '../spot.ts';
import type { TextFile } from './files.ts';
import type { FolderProblem } from './problem.ts';
import { VAULT_ROLE_FIELDS } from './vault-role-fields.ts';
import { parseYaml, readYaml, type YamlDocument } from './yaml.ts';

/** A Vault role as a folder has it. */
export interface FolderRole {
  readonly connection: string;
  /** Of the auth method, without `auth/`. */
  readonly mount: string;
  /** Of the mount, which templates in policies name; `undefined`: not said. */
  readonly accessor: string | undefined;
  readonly role: AuthRole;
}

/** Every document is a role: the fields of Vault's API, and where it is. Whatever is wrong in any of them is a problem. */
export function collectVaultRoles(
  files: readonly TextFile[],
  problems: FolderProblem[],
): readonly FolderRole[] {
  const seen = new Set<string>();
  return files.flatMap(({ file, text }) =>
    [...readYaml(text)].flatMap((document) => {
      const report = (path: readonly string[], message: string): void => {
        const place = { file, document: document.number, ...document.locate(path) };
        problems.push(path.length === 0 ? { ...place, message } : { ...place, path, message });
      };
      for (const problem of document.problems) problems.push({ file, document: document.number, ...problem });
      const role = readDocument(document, report);
      if (role === undefined) return [];
      const key = JSON.stringify([role.connection, role.mount, role.role.name]);
      if (seen.has(key)) report(['name'], `there is another role ${shown(role.role.name)} at this mount`);
      seen.add(key);
      return [role];
    }),
  );
}

type Report = (path: readonly string[], message: string) => void;

function readDocument({ value }: YamlDocument, report: Report): FolderRole | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) {
    report([], expected('a Vault role', value));
    return undefined;
  }
  const text = (key: string, otherwise?: string) => textIn(value, key, otherwise, report);
  const name = text('name');
  const connection = text('connection', 'default');
  const method = methodIn(value, report);
  const mount = text('mount', method);
  const accessor = value['accessor'] === undefined ? undefined : text('accessor');
  for (const key of Object.keys(value)) {
    if (!VAULT_ROLE_FIELDS[method].has(key)) report([key], `is no field of a ${method} role`);
  }
  const read = readRole({ name: name ?? '', method, data: value, parseYaml });
  if (!read.ok) {
    for (const { field, message } of read.problems) report(field === '' ? [] : [field], message);
    return undefined;
  }
  if (name === undefined || connection === undefined || mount === undefined) return undefined;
  return { connection, mount, accessor, role: read.role };
}

function methodIn(value: JsonObject, report: Report): AuthMethod {
  const method = value['method'] ?? 'kubernetes';
  if (method === 'kubernetes' || method === 'jwt') return method;
  report(['method'], 'expected kubernetes or jwt');
  return 'kubernetes';
}

function textIn(
  value: JsonObject,
  key: string,
  otherwise: string | undefined,
  report: Report,
): string | undefined {
  const text = value[key] ?? otherwise;
  if (typeof text === 'string' && text !== '') return text;
  report([key], expected('a text', value[key]));
  return undefined;
}
