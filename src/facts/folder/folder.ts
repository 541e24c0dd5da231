import { createResources } from '../../core/scope/resources.ts';
import { spotOf } from '../spot.ts';
import { labelsIn } from '../with-vaults.ts';
import { createWorld, type World } from '../world.ts';
import { readCrd } from './crd.ts';
import { MANIFEST, readFiles, readStream } from './files.ts';
import { fillWorld, type WorkloadDocument } from './fill.ts';
import { type Collected, collectObjects, type FoundObject } from './objects.ts';
import { byPlace, type FolderProblem } from './problem.ts';
import { vaultOf } from './vault.ts';
import { NO_VAULT_FOLDER, readVaultFolder, vaultRolesIn } from './vault-files.ts';

/**
 * The world as a folder of manifests says it is, or one file, or a stream. Whatever is wrong in any of them is a problem
 * with its place; all are found at once, and what can be read counts all the same.
 */
export interface LoadedFolder {
  readonly world: World;
  /** What can be judged, in the order of the files. */
  readonly workloads: readonly WorkloadDocument[];
  /** All that counts, as it is written. */
  readonly objects: readonly FoundObject[];
  readonly problems: readonly FolderProblem[];
  readonly counts: FolderCounts;
}

export interface FolderCounts {
  readonly files: number;
  readonly documents: number;
  /** Objects that count. */
  readonly objects: number;
  /** What else there was, by apiVersion and kind. */
  readonly ignored: ReadonlyMap<string, number>;
  /** Symbolic links that were not followed. */
  readonly links: number;
}

export interface FolderOptions {
  /** Where objects go that name no namespace; `default` without it, as for kubectl. */
  readonly namespace?: string;
  /** Roles and policies of Vault that are not in the folder may be all the same. */
  readonly openWorld?: boolean;
}

/** @param source a folder or file, or a stream such as standard input. */
export async function loadFolder(
  source: string | AsyncIterable<Uint8Array>,
  { namespace = 'default', openWorld = false }: FolderOptions = {},
): Promise<LoadedFolder> {
  const { files, links, problems } = await (typeof source === 'string'
    ? readFiles(source, { matches: MANIFEST, except: vaultRolesIn(source) })
    : readStream(source));
  const vault = typeof source === 'string' ? await readVaultFolder(source) : NO_VAULT_FOLDER;
  const collected: Collected = {
    objects: [],
    problems: [...problems, ...vault.problems],
    ignored: new Map(),
    documents: 0,
  };
  for (const file of files) collectObjects(file, collected);
  const { objects, ignored, documents } = collected;

  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const world = createWorld(
    createResources(definitions.flatMap(({ object, report }) => readCrd(spotOf(object, report)))),
  );
  const workloads = fillWorld(world, objects, namespace);
  return {
    world: { ...world, vault: vaultOf(vault, openWorld, (account) => labelsIn(world, account)) },
    workloads,
    objects,
    problems: collected.problems.toSorted(byPlace),
    counts: { files: files.length, documents, objects: objects.length, ignored, links: links + vault.links },
  };
}
