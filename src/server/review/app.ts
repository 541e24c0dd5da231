import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { turnedAway } from './door.ts';
import { type Failure, failureOf } from './failure.ts';
import { PAGE_HEADERS } from './headers.ts';
import type { PageKeys } from './keys.ts';
import { addReads, type PageSources } from './reads.ts';
import { addStream } from './stream.ts';
import { addWrites } from './writes.ts';

/** The page of `countersign ui`, and the little API under it. What it may do is what the viewer's kubeconfig may do. */
export interface ReviewPageOptions extends PageSources {
  readonly keys: PageKeys;
  readonly files: PageFiles;
  /** That it listens on; asked with every request. */
  readonly port: () => number;
  /** Pages that are open hear of a change this late. */
  readonly everyMs?: number;
  /** Something was asked by somebody who may. */
  readonly onUse?: () => void;
  /** A bug of ours; the page is told no more than that there is one. */
  readonly onBug?: (error: unknown) => void;
}

/** As they are served. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * It takes no token, because it holds nothing. Said of the route and not of the address, which can be written in many
     * ways (`/%61pi/denials`, `http://127.0.0.1/api/denials`).
     */
    readonly open?: true;
  }
}

const OPEN = { config: { open: true } } as const;

const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const EVERY_MS = 2000;

export function buildReviewPage(options: ReviewPageOptions): FastifyInstance {
  const { keys, port, onUse, onBug, everyMs = EVERY_MS } = options;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 253 },
    /** An address that can't be read: nobody was asked who they are. */
    frameworkErrors: (error, _request, reply) => void fail(error, reply.headers(PAGE_HEADERS)),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(PAGE_HEADERS);
    const takesToken = request.routeOptions.config.open !== true;
    const { method, headers } = request;
    const turned = turnedAway({ method, headers, takesToken }, { port: port(), keys });
    if (turned !== undefined) return reply.code(turned.status).send(turned);
    if (takesToken) onUse?.();
    return undefined;
  });
  app.setErrorHandler((error, _request, reply) => {
    const { code } = fail(error, reply);
    if (code === 'ERR_INTERNAL') onBug?.(error);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ status: 404, code: 'ERR_REQUEST', message: 'there is nothing here' }),
  );
  addFiles(app, options.files);
  addExchange(app, keys);
  addReads(app, options);
  addWrites(app, options);
  addStream(app, { ...options, everyMs });
  return app;
}

function addExchange(app: FastifyInstance, keys: PageKeys): void {
  const body = {
    type: 'object',
    additionalProperties: false,
    required: ['link'],
    properties: { link: { type: 'string', maxLength: 100 } },
  };
  app.post<{ Body: { link: string } }>(
    '/api/session',
    { ...OPEN, schema: { body } },
    async (request, reply) => {
      const token = keys.redeem(request.body.link);
      if (token !== undefined) return { token };
      const message = 'this link was used before, or is not that of this run: start countersign ui again';
      return reply.code(401).send({ status: 401, code: 'ERR_TOKEN', message });
    },
  );
}

function fail(error: unknown, reply: FastifyReply): Failure {
  const failure = failureOf(error);
  void reply.code(failure.status).send(failure);
  return failure;
}

/** The address of each view can be kept and sent; they are all the same page. */
const VIEWS = [
  '/',
  '/denials',
  '/denials/:namespace/:name',
  '/grants',
  '/grants/:namespace/:name',
  '/report',
];

function addFiles(app: FastifyInstance, { html, script, style }: PageFiles): void {
  for (const path of VIEWS) {
    app.get(path, OPEN, async (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  }
  app.get('/page.js', OPEN, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  );
  app.get('/page.css', OPEN, async (_request, reply) => reply.type('text/css; charset=utf-8').send(style));
}
