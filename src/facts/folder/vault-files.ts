import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { PolicyText } from '../../core/vault/policy.ts';
import { parseVaultPolicy } from '../../core/vault/policy-parse.ts';
import { MANIFEST, readFiles, type TextFile, type Texts } from './files.ts';
import type { FolderProblem } from './problem.ts';
import { collectVaultRoles, type FolderRole } from './vault-roles.ts';

/** What a folder says of Vault: policies as HCL or JSON in `vault/policies`, roles as YAML in `vault/roles`. */
export interface VaultFolder {
  /** By name, in lower case: that of the file. */
  readonly policies: ReadonlyMap<string, PolicyText>;
  readonly roles: readonly FolderRole[];
  readonly problems: readonly FolderProblem[];
  /** Symbolic links that were not followed. */
  readonly links: number;
}

export const NO_VAULT_FOLDER: VaultFolder = { policies: new Map(), roles: [], problems: [], links: 0 };

const POLICY = /\.hcl$/i;

export function vaultRolesIn(folder: string): string {
  return join(folder, 'vault', 'roles');
}

export async function readVaultFolder(folder: string): Promise<VaultFolder> {
  const below = join(folder, 'vault', 'policies');
  const policyFiles = await readIfThere(below, POLICY);
  const roleFiles = await readIfThere(vaultRolesIn(folder), MANIFEST);
  const problems = [...policyFiles.problems, ...roleFiles.problems];
  return {
    policies: policiesOf(below, policyFiles.files, problems),
    roles: collectVaultRoles(roleFiles.files, problems),
    problems,
    links: policyFiles.links + roleFiles.links,
  };
}

async function readIfThere(folder: string, matches: RegExp): Promise<Texts> {
  const there = await stat(folder).catch(() => undefined);
  return there?.isDirectory() === true
    ? readFiles(folder, { matches })
    : { files: [], links: 0, problems: [] };
}

function policiesOf(
  folder: string,
  files: readonly TextFile[],
  problems: FolderProblem[],
): ReadonlyMap<string, PolicyText> {
  const policies = new Map<string, PolicyText>();
  for (const { file, text } of files) {
    const name = relative(folder, file).replace(POLICY, '').toLowerCase();
    const parsed = parseVaultPolicy(text);
    for (const problem of parsed.problems) problems.push({ file, ...problem });
    if (policies.has(name)) problems.push({ file, message: `there is another policy ${name}` });
    else policies.set(name, { name, rules: parsed.rules });
  }
  return policies;
}
