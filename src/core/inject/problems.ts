import type { FieldProblem } from './annotations.ts';

/** So many problems are enough to mend; a pod may be made to have a hundred thousand. */
export const MAX_PROBLEMS = 50;

/** The first of them, and how many more there are. */
export function bounded(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const [first] = problems;
  if (first === undefined || problems.length <= MAX_PROBLEMS) return problems;
  const message = `and ${problems.length - MAX_PROBLEMS} problems more`;
  return [...problems.slice(0, MAX_PROBLEMS), { field: first.field, message }];
}
