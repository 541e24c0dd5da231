import { stringify } from 'yaml';
import type { ValueNode } from './values.ts';

/** values.yaml: every value with its default, under its description. */
export function valuesFile(values: ValueNode): string {
  return `${HEAD}\n${linesOf(values, '').join('\n').trimStart()}`;
}

const HEAD = '# Every value of the chart, with its default. An unknown key is refused.\n';

const EXAMPLE = `#  vaults:
#    default:
#      address: https://vault.example.com:8200
#  log: { level: debug }`;

function linesOf(node: ValueNode, indent: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const comment = commentOf(property, indent);
    const gap = indent === '' ? [''] : [];
    if (property.properties !== undefined && name !== 'config') {
      return [...gap, ...comment, `${indent}${name}:`, ...linesOf(property, `${indent}  `)];
    }
    const value = stringify({ [name]: property.default }, { lineWidth: 0, indentSeq: true }).trimEnd();
    const lines = value.split('\n').map((line) => `${indent}${line}`);
    return [...gap, ...comment, ...lines, ...(name === 'config' ? EXAMPLE.split('\n') : [])];
  });
}

const WIDTH = 120;

function commentOf({ description = '', enum: words }: ValueNode, indent: string): readonly string[] {
  const text =
    words !== undefined && !description.includes('`: ')
      ? `${description} One of ${words.join(', ')}.`
      : description;
  const start = `${indent}# `;
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(`${start}${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
