import type { SchemaNode } from '../../src/api/schema-node.ts';
import { FORMATS } from '../../src/config/formats.ts';

/** A schema as Markdown: one table for each mapping, in the order of the schema. `key`: where the schema stands. */
export function sectionsOf(node: SchemaNode, key: string): readonly string[] {
  const properties = Object.entries(node.properties ?? {});
  const title = key === '' ? 'Top level' : `\`${key}\``;
  const rows = properties.map(([name, property]) =>
    rowOf(name, property, node.required?.includes(name) ?? false),
  );
  const table = ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''];
  const inner = properties.flatMap(([name, property]) =>
    sectionsBelow(property, key === '' ? name : `${key}.${name}`),
  );
  return [
    `## ${title}`,
    '',
    ...(node.description === undefined ? [] : [node.description, '']),
    ...table,
    ...inner,
  ];
}

function sectionsBelow(node: SchemaNode, key: string): readonly string[] {
  if (node.properties !== undefined) return sectionsOf(node, key);
  if (node.items?.properties !== undefined)
    return sectionsOf({ ...node.items, ...described(node) }, `${key}[]`);
  const { additionalProperties: entry } = node;
  return typeof entry === 'object' && entry.properties !== undefined
    ? sectionsOf({ ...entry, ...described(node) }, `${key}.NAME`)
    : [];
}

function described({ description }: SchemaNode): SchemaNode {
  return description === undefined ? {} : { description };
}

function rowOf(name: string, node: SchemaNode, isRequired: boolean): string {
  const cells = [`\`${name}\``, valueOf(node), defaultOf(node, isRequired), node.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function valueOf(node: SchemaNode): string {
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(valueOf))].join(', or ');
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.items !== undefined) return `list: ${valueOf(node.items)}`;
  const format = FORMATS[node.format ?? '']?.expected;
  if (format !== undefined) return format;
  if (node.minimum !== undefined && node.maximum !== undefined)
    return `${node.minimum} to ${node.maximum}${orNull(node)}`;
  return [node.type ?? 'object']
    .flat()
    .map((type) => TYPES[type] ?? type)
    .join(' or ');
}

function orNull({ type }: SchemaNode): string {
  return Array.isArray(type) && type.includes('null') ? ' or `null`' : '';
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'mapping',
  array: 'list',
  string: 'text',
  integer: 'whole number',
  boolean: '`true` or `false`',
  null: '`null`',
};

function defaultOf(node: SchemaNode, isRequired: boolean): string {
  if (isRequired) return '*required*';
  const value = node.default;
  if (value === undefined || JSON.stringify(value) === '{}' || JSON.stringify(value) === '[]') return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
