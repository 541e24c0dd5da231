/** docs/vault.md as data: what it runs, what it shows behind that, its files, its configurations. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { type Block, blocksOf } from './markdown.ts';

export interface VaultPage {
  readonly text: string;
  readonly sections: readonly VaultPageSection[];
}

export interface VaultPageSection {
  /** As in its heading. */
  readonly number: number;
  readonly blocks: readonly Block[];
  readonly scripts: readonly PageScript[];
  /** Of the webhook, YAML. */
  readonly configs: readonly string[];
  /** Of every `yaml manifests`, and of every `yaml cluster`. */
  readonly manifests: readonly JsonObject[];
  readonly cluster: readonly JsonObject[];
}

export interface PageScript {
  /** `discovery`, `namespaces`: not for every server. */
  readonly info: string;
  readonly text: string;
  /** What it prints; `undefined`: the page does not say. */
  readonly shown: string | undefined;
}

export async function readVaultPage(): Promise<VaultPage> {
  const text = await readFile('docs/vault.md', 'utf8');
  const [, ...sections] = text.split(/^## /mu);
  return { text, sections: sections.map(sectionOf) };
}

export function sectionNumbered({ sections }: VaultPage, number: number): VaultPageSection {
  const found = sections.find((section) => section.number === number);
  if (found === undefined) throw new Error(`no section ${number}`);
  return found;
}

function sectionOf(text: string): VaultPageSection {
  const blocks = blocksOf(text);
  const yaml = (info: string) => blocks.filter((block) => block.language === 'yaml' && block.info === info);
  return {
    number: Number.parseInt(text, 10),
    blocks,
    scripts: blocks.flatMap(scriptOf),
    configs: yaml('config').map((block) => block.text),
    manifests: yaml('manifests').flatMap((block) => documentsIn(block.text)),
    cluster: yaml('cluster').flatMap((block) => documentsIn(block.text)),
  };
}

function scriptOf({ language, info, text }: Block, at: number, all: readonly Block[]): readonly PageScript[] {
  if (language !== 'sh') return [];
  const next = all[at + 1];
  const isOutput = next?.language === 'text' && !next.text.startsWith('$ ');
  return [{ info, text, shown: isOutput ? next.text : undefined }];
}

function documentsIn(text: string): readonly JsonObject[] {
  return parseAllDocuments(text).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return objectOf(document.toJS());
  });
}

/** Runs of our own command line: its words, and what it prints. */
export function runsIn({ blocks }: VaultPageSection): readonly (readonly [command: string, shown: string])[] {
  return blocks.flatMap(({ language, text }) => {
    const [, command] = /^\$ countersign (.+)\n/u.exec(text) ?? [];
    if (language !== 'text' || command === undefined) return [];
    return [[command, text.slice(text.indexOf('\n') + 1)] as const];
  });
}

/** Blocks whose info is the name of a file. */
export function filesIn({ blocks }: VaultPageSection): Readonly<Record<string, string>> {
  return Object.fromEntries(
    blocks.filter(({ info }) => info.includes('/')).map(({ info, text }) => [info, text]),
  );
}

/** What a world takes of the page's objects. */
export function isPageFact({ kind }: JsonObject): boolean {
  return ['Namespace', 'ServiceAccount', 'ScopePolicy'].includes(textOf(kind) ?? '');
}
