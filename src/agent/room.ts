/**
 * What the pod's volumes have room for, so that too much is refused by its name and not by a full volume in the
 * middle of a write. Everything is written whole beside what it replaces, so half of a volume is what there is. Pure.
 */
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { FILES_MEBIBYTES, STATE_MEBIBYTES } from '../core/inject/sizes.ts';
import type { JsonObject } from '../core/json.ts';
import type { Fetched } from './credential.ts';
import { type Failure, final } from './failure.ts';

const maxSetBytes = (FILES_MEBIBYTES / 2) * 1024 * 1024;
export const maxStateBytes = (STATE_MEBIBYTES / 2) * 1024 * 1024;
/** What a Secret of Kubernetes holds, and an entry of Vault's own storage. */
const maxCredentialBytes = 1024 * 1024;
/** A volume in memory is made of these. */
const pageBytes = 4096;

/** `undefined`: the fields are not too large. */
export function credentialProblem(data: JsonObject): string | undefined {
  if (bytesOf(data) <= maxCredentialBytes) return undefined;
  return `its fields are larger than ${kibibytes(maxCredentialBytes)}`;
}

/** `undefined`: the files fit. */
export function setProblem(config: AgentConfig, files: ReadonlyMap<string, string>): Failure | undefined {
  const sizes = [...files].map(([file, content]) => ({ file, pages: pagesOf(content) }));
  const pages = sizes.reduce((sum, one) => sum + one.pages, 0);
  if (pages * pageBytes <= maxSetBytes) return undefined;
  const [largest] = sizes.toSorted((one, other) => other.pages - one.pages);
  const cause = `all files together are larger than ${kibibytes(maxSetBytes)}, and this one is the largest`;
  return final('content', annotationOf(config, largest?.file ?? ''), cause);
}

/** Of credentials that are too large together. */
export function stateProblem(credentials: readonly Fetched[]): string {
  const sizes = credentials.map(({ name, data }) => ({ name, bytes: bytesOf(data) }));
  const [largest] = sizes.toSorted((one, other) => other.bytes - one.bytes);
  const all = `all credentials together are larger than ${kibibytes(maxStateBytes)}`;
  return `${all}, and ${PREFIX}credential.${largest?.name ?? ''} is the largest`;
}

function annotationOf({ identities, files }: AgentConfig, file: string): string {
  if (files.some((one) => one.file === file)) return `${PREFIX}file.${file}`;
  return identities.some((one) => one.file === file) ? `${PREFIX}identity.${file}` : `${PREFIX}token`;
}

function bytesOf(data: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(data));
}

function pagesOf(content: string): number {
  return Math.ceil(Buffer.byteLength(content) / pageBytes);
}

function kibibytes(bytes: number): string {
  return `${bytes / 1024} KiB`;
}
