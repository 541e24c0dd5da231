import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { SchemaNode } from '../api/schema-node.ts';
import type { Path, ShapeProblem } from '../api/validate.ts';
import { isObject } from '../core/json.ts';
import { isCertificates } from './formats.ts';

/** File names in the configuration: relative to its folder, and they must be there and be what they should be. */
export interface ResolvedFiles {
  /** The value with absolute file names. */
  readonly value: unknown;
  readonly problems: readonly ShapeProblem[];
}

/** HMAC-SHA256 gains nothing above its output's length, and loses below (RFC 2104 §3). */
export const SHORTEST_KEY_BYTES = 32;

type Probe = (file: string) => string | undefined;

/** What must hold of a file, by format. Throws what the file system throws; a text is what is wrong with the content. */
const PROBES: Readonly<Record<string, Probe>> = {
  file(file) {
    accessSync(file, constants.R_OK);
    return undefined;
  },
  directory(folder) {
    readdirSync(folder);
    return undefined;
  },
  'key-file': (file) =>
    readFileSync(file).length < SHORTEST_KEY_BYTES
      ? `expected a key of at least ${SHORTEST_KEY_BYTES} bytes`
      : undefined,
  'certificates-file': (file) =>
    isCertificates(readFileSync(file, 'utf8')) ? undefined : 'expected certificates in PEM',
};

/** @param folder where relative names start */
export function resolveFiles(schema: SchemaNode, value: unknown, folder: string): ResolvedFiles {
  const problems: ShapeProblem[] = [];
  return { value: walk(schema, value, []), problems };

  function walk(node: SchemaNode, item: unknown, path: Path): unknown {
    if (Array.isArray(item)) {
      return item.map((entry: unknown, index) =>
        node.items === undefined ? entry : walk(node.items, entry, [...path, index]),
      );
    }
    if (isObject(item)) {
      const entries = Object.entries(item).map(([key, entry]): [string, unknown] => {
        const inner = childOf(node, key);
        return [key, inner === undefined ? entry : walk(inner, entry, [...path, key])];
      });
      return Object.fromEntries(entries);
    }
    const probe = PROBES[node.format ?? ''];
    if (probe === undefined || typeof item !== 'string' || item === '') return item;
    const file = isAbsolute(item) ? item : resolve(folder, item);
    const message = problemWith(file, probe);
    if (message !== undefined) problems.push({ path, message });
    return file;
  }
}

function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const { properties, additionalProperties } = node;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function problemWith(file: string, probe: Probe): string | undefined {
  try {
    return probe(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return `cannot be read (${code})`;
  }
}
