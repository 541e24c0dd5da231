import { overlaps } from '../scope/overlap.ts';
import type { Scope } from '../scope/scope.ts';

/** What a policy never accepts. */
export interface ForbidLine {
  readonly policy: string;
  readonly scope: Scope;
}

/** The first line that the scope touches. */
export function forbiddingLine(lines: readonly ForbidLine[], scope: Scope): ForbidLine | undefined {
  return lines.find((line) => overlaps(line.scope, scope));
}
