import { type ChildProcess, spawn } from 'node:child_process';

/** `countersign ui` of the bundle, as a person starts it in a terminal. */
export interface UiProcess {
  readonly link: string;
  readonly origin: string;
  readonly port: number;
  /** All that it printed so far. */
  readonly printed: () => string;
  /** Presses Ctrl-C. The exit code. */
  stop(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export async function startUi(kubeconfig: string, ...args: string[]): Promise<UiProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['dist/countersign.cjs', 'ui', '--kubeconfig', kubeconfig, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const link = await new Promise<string>((done, failed) => {
    const hear = (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/#link=[\w-]{43}\n/u.exec(printed);
      if (found !== null) done(found[0].trim());
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    void ended.then((code) => failed(new Error(`countersign ui ended with ${code}: ${printed}`)));
  });
  const { origin, port } = new URL(link);
  return {
    link,
    origin,
    port: Number(port),
    printed: () => printed,
    ended,
    stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
