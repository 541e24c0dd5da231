import { CONFIG_SCHEMA } from '../../../src/api/config.ts';
import type { SchemaNode } from '../../../src/api/schema-node.ts';
import { FORMATS } from '../../../src/config/formats.ts';
import type { ValueNode } from './values.ts';

/**
 * The operator's configuration as `config` of the chart's values: the schema of the configuration file without what the
 * chart says itself, and with every format as a pattern, since Helm knows none of ours.
 */
export function configValues(): ValueNode {
  const { $schema: _schema, title: _title, required: _required, ...schema } = CONFIG_SCHEMA;
  return {
    ...adapted(schema, ''),
    description:
      'The configuration file: docs/reference/config.md. What is not listed below, the chart says itself.',
    default: {},
  };
}

/** Said by the chart: it mounts the files and names the places. */
const OWN: readonly string[] = [
  'webhook',
  'operations',
  'keys',
  'leaderElection',
  'cluster',
  'policies',
  'workloadKinds',
  'injection.image',
  'injection.imagePullPolicy',
  'injection.keyFile',
  'injection.previousKeyFile',
  'vaults.*.facts.tokenFile',
];

function adapted(node: SchemaNode, path: string): ValueNode {
  const { format, default: _default, ...rest } = node;
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  const properties = Object.entries(node.properties ?? {}).filter(([name]) => !OWN.includes(below(name)));
  const required = node.required?.filter((name) => !OWN.includes(below(name))) ?? [];
  const {
    propertyNames,
    required: _required,
    ...others
  } = rest as typeof rest & { propertyNames?: SchemaNode };
  return {
    ...others,
    ...(required.length > 0 && { required }),
    ...patternOf(format),
    ...(node.properties && {
      properties: Object.fromEntries(properties.map(([name, one]) => [name, adapted(one, below(name))])),
    }),
    ...(node.items && { items: adapted(node.items, `${path}[]`) }),
    ...(typeof node.additionalProperties === 'object' &&
      entriesOf(adapted(node.additionalProperties, `${path}.*`), patternOf(propertyNames?.format).pattern)),
    ...(node.anyOf && { anyOf: node.anyOf.map((one) => adapted(one, path)) }),
  };
}

/** Not by `propertyNames`: of a name that is refused Helm says a wrong place. */
function entriesOf(entry: ValueNode, names: string | undefined): Partial<ValueNode> {
  return names === undefined
    ? { additionalProperties: entry }
    : { additionalProperties: false, patternProperties: { [names]: entry } };
}

function patternOf(format: string | undefined): { readonly pattern?: string } {
  if (format === undefined) return {};
  const pattern = FORMATS[format]?.pattern;
  if (pattern === undefined) throw new Error(`config: the format ${format} has no pattern`);
  return { pattern };
}
