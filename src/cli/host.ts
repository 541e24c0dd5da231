import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';

/** What a command has of the process it runs in. */
export interface CliHost {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Colours on a terminal that wants them, plain text elsewhere. */
  readonly paint: (style: Style, text: string) => string;
  /** Asks whoever sits at the terminal; absent where nobody does. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export function processHost(): CliHost {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    stdin: process.stdin,
    // styleText looks at the stream, NO_COLOR and FORCE_COLOR.
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    confirm: process.stdin.isTTY && process.stdout.isTTY ? askYesOrNo : undefined,
  };
}

/** Anything but a clear yes is no, and so is the end of the input. */
async function askYesOrNo(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return /^y(?:es)?$/iu.test((await Promise.race([terminal.question(`${question} [y/N] `), ended])).trim());
  } finally {
    terminal.close();
  }
}

/** The exit codes of every command. */
export const EXIT = { ok: 0, findings: 1, usage: 2, undetermined: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
