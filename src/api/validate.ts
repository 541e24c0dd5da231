import { Ajv, type ErrorObject } from 'ajv';
import { nearest } from '../core/scope/nearest.ts';

/** Checks unknown data against one of our schemas. All problems at once, in words for the person who wrote the data. */
export interface ShapeProblem {
  readonly path: Path;
  readonly message: string;
  /** The problem is the key and not its value. */
  readonly atKey?: boolean;
}

/** Where a value stands, from the root: `['vaults', 'default', 'kvMounts', 0]`. */
export type Path = readonly (string | number)[];

/** What a `format` of a schema means: which texts it takes, and how to say so. */
export interface Format {
  readonly expected: string;
  /** What `accepts` takes at most, for programs that know patterns alone; RE2's and JavaScript's. */
  readonly pattern: string;
  readonly accepts: (text: string) => boolean;
}

export type Formats = Readonly<Record<string, Format>>;

/** The returned function fills in the defaults of the schema, in place. */
export function createValidator(
  schema: object,
  formats: Formats = {},
): (data: unknown) => readonly ShapeProblem[] {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    useDefaults: true,
    verbose: true,
  });
  ajv.addVocabulary(['x-kubernetes-validations', 'x-kubernetes-map-type']);
  for (const [name, { accepts }] of Object.entries(formats)) ajv.addFormat(name, accepts);
  const check = ajv.compile(schema);
  return (data) =>
    check(data) ? [] : meant(check.errors ?? []).flatMap((error) => problemOf(error, formats));
}

/** Of alternatives of different types only those count that the value has the type of. */
function meant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const wrongType = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ schemaPath }) => schemaPath),
  );
  const isOther = (branch: string) => wrongType.has(`${branch}type`);
  return errors.filter((error) => {
    const [branch, alternatives] = branchOf(error) ?? [];
    if (branch === undefined || !isOther(branch)) return true;
    return !errors.some((one) => {
      const [sibling, same] = branchOf(one) ?? [];
      return sibling !== undefined && same === alternatives && !isOther(sibling);
    });
  });
}

function branchOf({ schemaPath }: ErrorObject): RegExpExecArray | null {
  return /^(.*\/anyOf)\/\d+\//.exec(schemaPath);
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

/** What a keyword that was not satisfied expected of the value. */
const EXPECTED: Readonly<Record<string, (error: ErrorObject, formats: Formats) => string>> = {
  type: ({ schema, data }) => `expected ${expectedType(schema)}, found ${foundType(data)}`,
  enum: ({ schema }) => `expected one of ${[schema].flat().join(', ')}`,
  format: ({ schema }, formats) => `expected ${formats[String(schema)]?.expected ?? String(schema)}`,
  minimum: ({ schema }) => `expected ${String(schema)} or more`,
  maximum: ({ schema }) => `expected ${String(schema)} or less`,
  minLength: () => 'expected at least one character, found none',
  minItems: () => 'expected at least one entry, found none',
  maxLength: ({ schema }) => `expected at most ${String(schema)} characters`,
  maxItems: ({ schema }) => `expected at most ${String(schema)} entries`,
  maxProperties: ({ schema }) => `expected at most ${String(schema)} entries`,
};

function problemOf(error: ErrorObject, formats: Formats): readonly ShapeProblem[] {
  const path = pathOf(error.instancePath);
  const { keyword, params, propertyName } = error;
  switch (keyword) {
    case 'additionalProperties':
      return [unknownKey(path, String(params['additionalProperty']), error)];
    case 'required':
      return [{ path: [...path, String(params['missingProperty'])], message: 'is missing', atKey: true }];
    case 'uniqueItems':
      return [sameEntries(path, Number(params['i']), Number(params['j']))];
    case 'const':
      return [{ path, message: `expected ${String(params['allowedValue'])}` }];
    case 'anyOf':
    case 'propertyNames':
      /** Said already, by what its parts do not satisfy. */
      return [];
    default: {
      const message = EXPECTED[keyword]?.(error, formats) ?? `does not satisfy ${keyword}`;
      return [
        propertyName === undefined
          ? { path, message }
          : { path: [...path, propertyName], message, atKey: true },
      ];
    }
  }
}

function unknownKey(path: Path, key: string, error: ErrorObject): ShapeProblem {
  const known = Object.keys(error.parentSchema?.['properties'] ?? {});
  const near = nearest(key, known);
  const hint = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`;
  return { path: [...path, key], message: `unknown key; ${hint}`, atKey: true };
}

function sameEntries(path: Path, one: number, other: number): ShapeProblem {
  return {
    path: [...path, Math.max(one, other)],
    message: `is the same as entry ${Math.min(one, other)}`,
  };
}

function expectedType(schema: unknown): string {
  return [schema]
    .flat()
    .map((type) => TYPES[String(type)] ?? String(type))
    .join(' or ');
}

function foundType(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return 'a number (text that looks like one goes in quotes)';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'string' ? 'text' : 'a mapping';
}

/** RFC 6901. */
function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
