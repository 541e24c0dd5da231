import type { AgentFile, AgentIdentity } from './agent-config.ts';
import { INJECT, PREFIX, type Report } from './annotations.ts';
import type { Thing } from './containers.ts';
import { noCredential } from './credential.ts';
import { credentialsOf } from './file.ts';
import { VAULT_TOKEN_FILE } from './names.ts';
import type { InjectionRequest } from './request.ts';
import type { VariableRequest } from './variable.ts';

interface FileOutputs {
  readonly files: readonly AgentFile[];
  readonly identities: readonly AgentIdentity[];
  readonly token: InjectionRequest['token'];
}

interface Outputs extends FileOutputs {
  /** Of the credentials. */
  readonly names: readonly string[];
  readonly variables: readonly VariableRequest[];
}

export function hasFiles({ files, identities, token }: FileOutputs): boolean {
  return files.length > 0 || identities.length > 0 || token === 'file';
}

/** What the files are made of. */
export function thingsInFiles({ files, identities, token }: FileOutputs): readonly Thing[] {
  const alone = identities.length > 0 || token === 'file';
  const credentials = files.flatMap(({ content }) => credentialsOf(content));
  return [...new Set<Thing>([...credentials, ...(alone ? [undefined] : [])])];
}

/**
 * Credentials and outputs fit together.
 * @param complete every output was understood, so that what nothing uses can be told.
 */
export function checkOutputs(outputs: Outputs, complete: boolean, report: Report): void {
  const { names, files, identities, variables, token } = outputs;
  const known = new Set(names);
  const uses = [
    ...files.map(({ file, content }) => ({
      key: `${PREFIX}file.${file}`,
      credentials: credentialsOf(content),
    })),
    ...variables.map(({ field, value }) => ({
      key: field,
      credentials: value.kind === 'field' ? [value.credential] : [],
    })),
  ];
  for (const { key, credentials } of uses) {
    for (const name of credentials) if (!known.has(name)) report(key, noCredential(name));
  }
  checkFileNames(outputs, report);
  if (!complete) return;
  const used = new Set(uses.flatMap(({ credentials }) => credentials));
  for (const name of [...known].filter((credential) => !used.has(credential))) {
    const add = `add ${PREFIX}file.<file name>: ${name} (in a template: {${name}.<field>}) or ${PREFIX}env.<VAR>: ${name}.<field>`;
    report(`${PREFIX}credential.${name}`, `nothing uses this credential; ${add}`);
  }
  if (known.size === 0 && uses.length === 0 && identities.length === 0 && token === 'none') {
    report(INJECT, `the pod asks for nothing; add ${PREFIX}credential.<name> and ${PREFIX}file.<file name>`);
  }
}

/** Files, identities and the token are in one folder. */
function checkFileNames({ files, identities, token }: FileOutputs, report: Report): void {
  const named = new Set(files.map(({ file }) => file));
  for (const { file } of identities.filter((identity) => named.has(identity.file))) {
    report(
      `${PREFIX}identity.${file}`,
      `writes the same file as ${PREFIX}file.${file}; rename one of the two`,
    );
  }
  if (token !== 'file') return;
  const taken = [
    ...files.filter(isToken).map(({ file }) => `file.${file}`),
    ...identities.filter(isToken).map(({ file }) => `identity.${file}`),
  ];
  const mend = `rename it, or add ${PREFIX}token: none`;
  for (const key of taken) {
    report(`${PREFIX}${key}`, `the Vault token, asked for too, is in a file of this name; ${mend}`);
  }
}

function isToken({ file }: { readonly file: string }): boolean {
  return file === VAULT_TOKEN_FILE;
}
