import type { FastifyInstance } from 'fastify';
import type { Desk } from '../../desk/desk.ts';
import { type Change, createChanges } from './changes.ts';

export interface StreamOptions {
  readonly desk: Pick<Desk, 'denials' | 'grants'>;
  readonly namespace: string | undefined;
  readonly everyMs: number;
  readonly onUse?: () => void;
}

/** Of one person in many tabs. */
const MAX_STREAMS = 20;
/** Also tells that a page is still open. */
const BEAT_MS = 15_000;

/** `GET /api/events`: server-sent events, until the page goes or the server ends. */
export function addStream(app: FastifyInstance, options: StreamOptions): void {
  const changes = createChanges(options);
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });
  app.get('/api/events', async (_request, reply) => {
    if (open.size >= MAX_STREAMS) {
      const message = `at most ${MAX_STREAMS} pages are open at a time: close one`;
      return reply.code(429).send({ status: 429, code: 'ERR_REQUEST', message });
    }
    reply.hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const stop = changes.follow((change) => void raw.write(eventText(change)));
    const beat = setInterval(() => {
      raw.write(': open\n\n');
      options.onUse?.();
    }, BEAT_MS);
    const end = () => void raw.end();
    open.add(end);
    raw.once('close', () => {
      open.delete(end);
      clearInterval(beat);
      stop();
    });
    return reply;
  });
}

/** JSON has no line break of its own, so that no text can begin another event. */
function eventText(change: Change): string {
  return `event: ${change.kind}\ndata: ${JSON.stringify(change)}\n\n`;
}
