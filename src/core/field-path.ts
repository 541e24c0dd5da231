/** Where a value stands in an object, from its root: `['spec', 'rules', 0]`. */
export type FieldPath = readonly (string | number)[];

/** As the API server writes it: `spec.rules[0].verbs`, `metadata.annotations["countersign.dev/needs"]`. */
export function printPath(path: FieldPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
