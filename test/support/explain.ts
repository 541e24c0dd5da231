import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Cause } from '../../src/core/explain/causes.ts';
import { explain } from '../../src/core/explain/explain.ts';
import type { Explanation, Source, Status } from '../../src/core/explain/explanation.ts';

/** A row of the table of refusals, collected from real servers or copied from where they are specified. */
export interface Message {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly source: Source;
  readonly status?: Status;
  readonly cause: Cause;
  /** A scope a line, the first of them where there are many. */
  readonly missing?: string;
}

export const MESSAGES = parse(
  readFileSync('test/golden/explain/messages.yaml', 'utf8'),
) as readonly Message[];

/** Without tokens, in 1970. */
export function explained(text: string): Explanation {
  return explain({ text, tokens: [], nowSeconds: 0 });
}

export function messageOf(id: string): string {
  return MESSAGES.find((message) => message.id === id)?.text ?? '';
}
