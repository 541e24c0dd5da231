import { isObject, listOf, objectOf, textMapOf, textOf, textsOf } from './json.ts';

/** Label selectors of Kubernetes (apimachinery/pkg/apis/meta/v1/types.go). All that is given must hold; nothing given selects everything. */
export interface LabelSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly LabelExpression[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

const OPERATORS: readonly LabelExpression['operator'][] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** `undefined`: not a selector, or with an operator that there is not; the API server takes neither. */
export function readSelector(value: unknown): LabelSelector | undefined {
  if (!isObject(value)) return undefined;
  const written = listOf(value['matchExpressions']);
  const matchExpressions = written.map(objectOf).flatMap((item): readonly LabelExpression[] => {
    const operator = OPERATORS.find((known) => known === item['operator']);
    const key = textOf(item['key']);
    if (operator === undefined || key === undefined) return [];
    return [{ key, operator, values: textsOf(item['values']) }];
  });
  if (matchExpressions.length < written.length) return undefined;
  return { matchLabels: textMapOf(value['matchLabels']), matchExpressions };
}

/** As apimachinery/pkg/labels/selector.go matches. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const value = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(selector.matchLabels).every(([key, wanted]) => value(key) === wanted) &&
    selector.matchExpressions.every((expression) => expressionHolds(expression, value(expression.key)))
  );
}

function expressionHolds({ operator, values }: LabelExpression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
