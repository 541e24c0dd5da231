/** docs/review.md as data: who runs what, in which order, and what is printed; and the page with other outputs in it. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { type Person, people } from '../../scripts/cluster/layout.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';
import { type Block, blocksOf } from './markdown.ts';

const PAGE = 'docs/review.md';

export interface Story {
  readonly text: string;
  /** What an administrator has set up. */
  readonly setUp: readonly JsonObject[];
  /** By name. */
  readonly files: Readonly<Record<string, string>>;
  readonly scenes: readonly Scene[];
  /** Lines of the audit log. */
  readonly audit: string;
}

/** A block of the page: one person at a terminal. */
export interface Scene {
  readonly person: Person;
  /** What has to be so before it begins, `KEY=VALUE`: behind `once` in the info of the block. */
  readonly once: readonly string[];
  readonly runs: readonly Run[];
  /** As it stands in the page. */
  readonly text: string;
}

export interface Run {
  readonly command: string;
  readonly shown: string;
}

export async function readStory(): Promise<Story> {
  const text = await readFile(PAGE, 'utf8');
  const blocks = blocksOf(text);
  const yaml = blocks.filter(({ language }) => language === 'yaml');
  return {
    text,
    setUp: yaml.filter(({ info }) => info === 'cluster').flatMap((block) => documentsIn(block.text)),
    files: Object.fromEntries(
      yaml.filter(({ info }) => info.endsWith('.yaml')).map((block) => [block.info, block.text]),
    ),
    scenes: blocks.filter(({ language }) => language === 'console').map(sceneOf),
    audit: blocks.find(({ info }) => info === 'audit')?.text ?? '',
  };
}

function documentsIn(text: string): readonly JsonObject[] {
  return parseAllDocuments(text).map((document) => objectOf(document.toJS()));
}

function sceneOf({ info, text }: Block): Scene {
  const [who, ...words] = info.split(' ');
  const person = people.find((name) => name === who);
  if (person === undefined) throw new Error(`${PAGE}: nobody is called ${who}`);
  const runs = text.split(/^\$ /mu).slice(1);
  return { person, once: words.filter((word) => word !== 'once'), runs: runs.map(runOf), text };
}

function runOf(text: string): Run {
  const end = text.indexOf('\n');
  return { command: text.slice(0, end), shown: text.slice(end + 1) };
}

/** With other texts in its blocks of terminals and of the audit log, in their order. */
export async function rewriteStory(texts: readonly string[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const rest = [...texts];
  await writeFile(
    PAGE,
    page.replaceAll(PRINTED, (_, fence) => `${fence}${rest.shift()}\`\`\``),
  );
}

const PRINTED = /^(```(?:console .*|text audit)\n)[\s\S]*?^```$/gmu;
