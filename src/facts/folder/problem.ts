import { printPath } from '../../core/field-path.ts';
import { compareText } from '../../core/scope/canonical.ts';
import { shown } from '../../core/text.ts';
import type { Path } from '../spot.ts';

/** A mistake in what was given: where it stands, and what was expected there. */
export interface FolderProblem {
  /** `-` for standard input. */
  readonly file: string;
  /** Of several in a file, from 1. */
  readonly document?: number;
  readonly path?: Path;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** As a reader meets them. */
export function byPlace(a: FolderProblem, b: FolderProblem): number {
  return compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** On one line, as compilers do it: `file:line:column: document 2: spec.replicas: expected …`. Safe for a terminal. */
export function printProblem({ file, document, path, line, column, message }: FolderProblem): string {
  const place = [shown(file), line, column].filter((part) => part !== undefined).join(':');
  const field = path === undefined || path.length === 0 ? [] : [shown(printPath(path))];
  const parts = [
    place,
    ...(document === undefined ? [] : [`document ${document}`]),
    ...field,
    shown(message, 1000),
  ];
  return parts.join(': ');
}
