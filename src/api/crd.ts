/** A kind of our own as a CustomResourceDefinition, from the schema that checks it everywhere else. */
export interface CustomKind {
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly shortNames: readonly string[];
  readonly description: string;
  /** JSON Schema of the whole object; of its top level only `spec` counts. */
  readonly schema: { readonly properties: { readonly spec: object } };
  readonly statusSchema?: object;
  readonly columns: readonly PrinterColumn[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 0 | 1;
}

const GROUP = 'countersign.dev';

export function crdOf(custom: CustomKind): object {
  const { kind, plural, scope, shortNames, description, schema, statusSchema, columns } = custom;
  const status = statusSchema === undefined ? {} : { status: structural(statusSchema) };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ['countersign'],
      },
      scope,
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              description,
              type: 'object',
              required: ['spec'],
              properties: { spec: structural(schema.properties.spec), ...status },
            },
          },
          ...(statusSchema === undefined ? {} : { subresources: { status: {} } }),
        },
      ],
    },
  };
}

/**
 * JSON Schema as the API server takes it ("structural"): unknown keys are refused by kubectl and else pruned, so they need
 * no mention, and a list whose entries are unique is a set.
 */
function structural(node: object): object {
  return Object.fromEntries(
    Object.entries(node).flatMap(([keyword, value]) => written(keyword, value, node)),
  );
}

function written(keyword: string, value: unknown, node: object): readonly (readonly [string, unknown])[] {
  switch (keyword) {
    case 'additionalProperties':
      return typeof value === 'object' && value !== null ? [[keyword, structural(value)]] : [];
    case 'uniqueItems':
      return [['x-kubernetes-list-type', 'set']];
    case 'items':
      return [[keyword, structural(value as object)], ...listType(node)];
    case 'properties':
      return [
        [
          keyword,
          Object.fromEntries(
            Object.entries(value as object).map(([name, property]) => [name, structural(property as object)]),
          ),
        ],
      ];
    default:
      return [[keyword, value]];
  }
}

/** Lists are replaced as a whole, so that their order is one person's. */
function listType(node: object): readonly (readonly [string, unknown])[] {
  const isGiven = 'uniqueItems' in node || 'x-kubernetes-list-type' in node;
  return isGiven ? [] : [['x-kubernetes-list-type', 'atomic']];
}
