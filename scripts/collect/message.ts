/** Refusals of real servers, as a person would paste them. */
import { spawn } from 'node:child_process';
import https from 'node:https';
import { text } from 'node:stream/consumers';

export interface Collected {
  readonly id: string;
  /** The server and its version. */
  readonly from: string;
  readonly text: string;
}

/** What a command says when it fails. */
export async function complaintOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await code) === 0) throw new Error(`${command} ${args.join(' ')} was to be refused: ${out}`);
  return err.trim();
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly ca: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Status line, the challenge where there is one, and body. */
export function answerTo({ method, url, ca, headers = {}, body }: Asked): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const sent = https.request(url, { method, ca, agent: false, headers: { ...json, ...headers } });
  sent.once('error', reject);
  sent.once('response', (response) => {
    const challenge = response.headers['www-authenticate'];
    const lines = [
      `HTTP/1.1 ${response.statusCode} ${response.statusMessage}`,
      ...(challenge === undefined ? [] : [`WWW-Authenticate: ${challenge}`]),
    ];
    text(response).then((answer) => resolve([...lines, '', answer.trim()].join('\n')), reject);
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
