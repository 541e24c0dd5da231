import { Agent, request } from 'node:https';

/** A closed-loop load: each connection sends its next request when the last one is answered. */
export interface Load {
  readonly url: string;
  readonly ca: string;
  readonly body: Buffer;
  readonly connections: number;
  readonly seconds: number;
  /** Looked at once: what comes back must be what is measured. */
  readonly accepts: (answer: string) => boolean;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function measure(load: Load): Promise<Measured> {
  const agent = new Agent({ ca: load.ca, keepAlive: true, maxSockets: load.connections });
  try {
    const first = await post(load, agent);
    if (!load.accepts(first)) throw new Error(`${load.url}: unexpected answer: ${first.slice(0, 300)}`);
    await run(load, agent, Math.max(2, load.seconds / 4));
    return await run(load, agent, load.seconds);
  } finally {
    agent.destroy();
  }
}

function run(load: Load, agent: Agent, seconds: number): Promise<Measured> {
  return closedLoop(load.connections, seconds, () => post(load, agent));
}

/** Each of `width` does it again as soon as it is done. */
export async function closedLoop(
  width: number,
  seconds: number,
  once: () => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  const worker = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      await once();
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  const elapsed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { perSecond: times.length / elapsed, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function post({ url, body }: Load, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
