/** How a long task is shown: one line that redraws itself on a terminal, a line every 30 s in a log. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** What is going on within the task now, shown at the next beat. */
  note(detail: string): void;
  /** The last line of the task: `done`, `failed` and so on. */
  end(outcome: string): void;
}

const redrawMilliseconds = 1_000;
const heartbeatMilliseconds = 30_000;
const clearLine = '\r\u001b[K';

export function startProgress(title: string, output: Output): Progress {
  const startedAt = Date.now();
  const terminal = output.isTTY === true;
  let detail = '';

  function line(suffix: string): string {
    return `${title}: ${suffix}`;
  }
  function beat(): void {
    const state = `${elapsedSeconds(startedAt)} s${detail === '' ? '' : `, ${detail}`}`;
    output.write(terminal ? `${clearLine}${line(state)}` : `${line(state)}\n`);
  }

  output.write(terminal ? line('started') : `${line('started')}\n`);
  const beating = setInterval(beat, terminal ? redrawMilliseconds : heartbeatMilliseconds);
  return {
    note(text) {
      detail = text;
    },
    end(outcome) {
      clearInterval(beating);
      output.write(
        `${terminal ? clearLine : ''}${line(`${outcome} after ${elapsedSeconds(startedAt)} s`)}\n`,
      );
    },
  };
}

function elapsedSeconds(sinceMilliseconds: number): number {
  return Math.round((Date.now() - sinceMilliseconds) / 1_000);
}
