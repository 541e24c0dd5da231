import { Readable } from 'node:stream';
import type { CliHost } from '../../src/cli/host.ts';

/** A shell's place for a command that runs in the test itself. */
export interface HeardHost {
  readonly host: CliHost;
  readonly out: () => string;
  readonly err: () => string;
  /** What was asked at the terminal. */
  readonly questions: readonly string[];
}

/** @param answer of who sits at the terminal; absent: nobody does. */
export function heardHost(answer?: boolean): HeardHost {
  const out: string[] = [];
  const err: string[] = [];
  const questions: string[] = [];
  const confirm = async (question: string) => {
    questions.push(question);
    return answer === true;
  };
  return {
    host: {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      stdin: Readable.from([]),
      paint: (_, painted) => painted,
      confirm: answer === undefined ? undefined : confirm,
    },
    out: () => out.join('\n'),
    err: () => err.join('\n'),
    questions,
  };
}
