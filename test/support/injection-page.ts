/** docs/injection.md as data: its configuration, what it does in Vault, its manifests and what it shows behind them. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { TEMPLATE_PATHS } from '../../src/core/admission/workload.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { type Block, blocksOf } from './markdown.ts';

export interface InjectionPage {
  readonly text: string;
  /** Of the webhook, YAML. */
  readonly config: string;
  /** The Vault policy of the role. */
  readonly policy: string;
  /** Lines of `vault`, as words. */
  readonly commands: readonly (readonly string[])[];
  readonly examples: readonly PageExample[];
}

export interface PageExample {
  /** Unique: section, kind and name, or what it is refused for. */
  readonly title: string;
  readonly refused: boolean;
  readonly workload: JsonObject;
  /** The other documents, in order: what there is beside the workload. */
  readonly around: readonly JsonObject[];
  /** The block behind it: what the containers print, or the message. */
  readonly shown: string;
}

export async function readInjectionPage(): Promise<InjectionPage> {
  const text = await readFile('docs/injection.md', 'utf8');
  const blocks = blocksOf(text);
  const textOfBlock = (language: string, info: string) =>
    blocks.find((block) => block.language === language && block.info === info)?.text ?? '';
  return {
    text,
    config: textOfBlock('yaml', 'config'),
    policy: textOfBlock('hcl', ''),
    commands: blocks.filter(({ language }) => language === 'sh').flatMap((block) => commandsOf(block.text)),
    examples: text.split(/^## /mu).flatMap(examplesIn),
  };
}

function examplesIn(section: string): readonly PageExample[] {
  const [number = ''] = section.split('.', 1);
  const blocks = blocksOf(section);
  return blocks.flatMap((block, at) => {
    const shown = blocks[at + 1];
    if (block.language !== 'yaml' || block.info === 'config') return [];
    if (shown?.language !== 'text') throw new Error(`nothing is shown behind:\n${block.text}`);
    return [exampleOf(number, block, shown.text.trimEnd())];
  });
}

function exampleOf(section: string, { text, info }: Block, shown: string): PageExample {
  const documents = parseAllDocuments(text).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return objectOf(document.toJS());
  });
  const isWorkload = ({ kind }: JsonObject) => Object.hasOwn(TEMPLATE_PATHS, textOf(kind) ?? '');
  const [workload = {}, ...more] = documents.filter(isWorkload);
  if (more.length > 0) throw new Error(`more than one workload:\n${text}`);
  const refused = info === 'refused';
  const name = `${textOf(workload['kind'])} ${nameOf(workload)}`;
  const [, cause = ''] = shown.split('\n');
  return {
    title: `section ${section}: ${refused ? cause.trim().slice(0, 90) : name}`,
    refused,
    workload,
    around: documents.filter((document) => !isWorkload(document)),
    shown,
  };
}

/** The rows of the table below that heading, as cells. */
export function rowsOf({ text }: InjectionPage, heading: string): readonly (readonly string[])[] {
  const [, section = ''] = text.split(`\n${heading}\n`);
  const [own = ''] = section.split(/\n##+ /u);
  const rows = [...own.matchAll(/^\| (.*) \|$/gmu)].map(([, row = '']) =>
    row.split(' | ').map((cell) => cell.replaceAll('\\|', '|')),
  );
  return rows.slice(1);
}

export function nameOf({ metadata }: JsonObject): string {
  return textOf(objectOf(metadata)['name']) ?? '';
}

/** Lines that go on behind a backslash are one; quotes are taken off. */
function commandsOf(script: string): readonly (readonly string[])[] {
  const lines = script
    .replaceAll(/\\\n\s*/gu, '')
    .trim()
    .split('\n');
  return lines.map((line) =>
    [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/gu)].map(([word]) =>
      word.replaceAll(/'([^']*)'|"([^"]*)"/gu, '$1$2'),
    ),
  );
}

/** The document with every container changed, wherever its pod template is. */
export function withContainers(
  document: JsonObject,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => {
      if (key === 'containers' || key === 'initContainers')
        return [key, listOf(value).map((container) => change(objectOf(container)))];
      return [key, isObject(value) ? withContainers(value, change) : value];
    }),
  );
}
