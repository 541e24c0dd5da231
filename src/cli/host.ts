import { styleText } from 'node:util';

/** What a command has of the process it runs in. */
export interface CliHost {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Colours on a terminal that wants them, plain text elsewhere. */
  readonly paint: (style: Style, text: string) => string;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export function processHost(): CliHost {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    stdin: process.stdin,
    // styleText looks at the stream, NO_COLOR and FORCE_COLOR.
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
}

/** The exit codes of every command. */
export const EXIT = { ok: 0, findings: 1, usage: 2, undetermined: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
