import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { shown } from '../../core/text.ts';
import { FOLDER_KINDS, type FolderKind, groupOf } from '../kinds.ts';
import { complain, expected, type Path, type Report, type Spot, spotOf, textAt } from '../spot.ts';
import type { TextFile } from './files.ts';
import type { FolderProblem } from './problem.ts';
import { type Locate, readYaml, type YamlDocument } from './yaml.ts';

/** The Kubernetes objects in a text: lists taken apart, and what does not count here only counted. */
export interface FoundObject {
  readonly kind: FolderKind;
  readonly object: JsonObject;
  readonly file: string;
  /** In the file, from 1. */
  readonly document: number;
  /** Where a field of the object stands; `within` is a place in the text of the field. */
  readonly locate: Locate;
  readonly report: Report;
}

export interface Collected {
  readonly objects: FoundObject[];
  readonly problems: FolderProblem[];
  /** Objects of other kinds, and documents that are no objects of Kubernetes at all, by what they call themselves. */
  readonly ignored: Map<string, number>;
  documents: number;
}

export function collectObjects({ file, text }: TextFile, collected: Collected): void {
  for (const document of readYaml(text)) {
    collected.documents += 1;
    const place = { file, document: document.number };
    for (const problem of document.problems) collected.problems.push({ ...place, ...problem });
    const { value } = document;
    if (value !== undefined && value !== null) unfold({ file, document, prefix: [], collected }, value, {});
  }
}

/** A value within a document. */
interface Place {
  readonly file: string;
  readonly document: YamlDocument;
  readonly prefix: Path;
  readonly collected: Collected;
}

/** What the items of a typed list leave out. */
interface Defaults {
  readonly apiVersion?: string;
  readonly kind?: string;
}

function unfold(place: Place, value: Json, defaults: Defaults): void {
  const report = reporter(place);
  if (!isObject(value)) {
    report({ path: [], message: expected('an object of Kubernetes', value) });
    return;
  }
  const spot = spotOf(value, report);
  const apiVersion = textAt(spot, 'apiVersion') ?? defaults.apiVersion;
  const kind = textAt(spot, 'kind') ?? defaults.kind;
  const { items } = value;
  if (kind?.endsWith('List') && Array.isArray(items)) {
    const below =
      kind === 'List' ? {} : { ...(apiVersion === undefined ? {} : { apiVersion }), kind: kind.slice(0, -4) };
    for (const [index, item] of items.entries()) {
      unfold({ ...place, prefix: [...place.prefix, 'items', index] }, item as Json, below);
    }
    return;
  }
  const known = classify(spot, apiVersion, kind, place.collected);
  if (known !== undefined) place.collected.objects.push(found(place, known, value, report));
}

function classify(
  spot: Spot,
  apiVersion: string | undefined,
  kind: string | undefined,
  { ignored }: Collected,
): FolderKind | undefined {
  if (kind === undefined && apiVersion !== undefined) complain(spot, 'kind', 'expected a kind');
  if (kind !== undefined && apiVersion === undefined) complain(spot, 'apiVersion', 'expected an apiVersion');
  if (kind !== undefined && apiVersion !== undefined && isFolderKind(kind)) {
    const ours = FOLDER_KINDS[kind].apiVersion;
    if (apiVersion === ours) return kind;
    if (groupOf(apiVersion) === groupOf(ours)) {
      complain(spot, 'apiVersion', `expected ${ours}, found ${shown(apiVersion)}`);
      return undefined;
    }
  }
  const name = shown([apiVersion, kind].filter((part) => part !== undefined).join(' ')) || 'without kind';
  ignored.set(name, (ignored.get(name) ?? 0) + 1);
  return undefined;
}

function isFolderKind(kind: string): kind is FolderKind {
  return Object.hasOwn(FOLDER_KINDS, kind);
}

function found(
  { file, document, prefix }: Place,
  kind: FolderKind,
  object: JsonObject,
  report: Report,
): FoundObject {
  const locate: Locate = (path, within) => document.locate([...prefix, ...path], within);
  return { kind, object, file, document: document.number, locate, report };
}

/** Several readers look at the same field, and each may find the same mistake. */
function reporter({ file, document, prefix, collected }: Place): Report {
  const said = new Set<string>();
  return ({ path: below, message, line, column }) => {
    const path = [...prefix, ...below];
    const id = JSON.stringify([path, message]);
    if (said.has(id)) return;
    said.add(id);
    const within = line === undefined || column === undefined ? undefined : { line, column };
    const place = { file, document: document.number, path };
    collected.problems.push({ ...place, ...document.locate(path, within), message });
  };
}
