import type { ValueNode } from './values.ts';

/** The table of values in the chart's README. */
export function readmeOf(values: ValueNode): string {
  const rows = rowsOf(values, '').map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return [HEAD, '| value | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

const HEAD = `# Chart of Countersign

\`\`\`
helm install countersign charts/countersign --namespace countersign --create-namespace
\`\`\`

What it installs, how it is upgraded and removed, and what to do in an emergency: \`docs/install.md\`. There is one release in
a cluster. A value that is not listed here is refused, and so is one of the wrong shape.
`;

type Row = readonly [key: string, value: string, meaning: string];

function rowsOf(node: ValueNode, prefix: string): readonly Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]): readonly Row[] => {
    const key = `${prefix}${name}`;
    if (property.properties !== undefined && name !== 'config') return rowsOf(property, `${key}.`);
    return [[`\`${key}\``, `\`${JSON.stringify(property.default)}\``, meaningOf(property)]];
  });
}

function meaningOf({ description = '', enum: words }: ValueNode): string {
  return words !== undefined && !description.includes('`: ')
    ? `${description} One of ${words.map((word) => `\`${String(word)}\``).join(', ')}.`
    : description;
}
