import type { FastifyInstance } from 'fastify';
import type { Desk, GrantVerdict, GrantWish } from '../../desk/desk.ts';
import { NAME, NAMED } from './reads.ts';

/** Bounds that keep nonsense out; what an object has to look like is for the desk and the API server to say. */
const REASON = { type: 'string', minLength: 1, maxLength: 2000 } as const;
const TEXT = { type: 'string', minLength: 1, maxLength: 253 } as const;

const WISH = {
  type: 'object',
  additionalProperties: false,
  required: ['namespace', 'serviceAccount', 'scopes', 'checks', 'reason', 'duration'],
  properties: {
    namespace: NAME,
    serviceAccount: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: NAME, uid: TEXT },
    },
    workload: {
      type: 'object',
      additionalProperties: false,
      required: ['kind', 'name'],
      properties: { kind: TEXT, name: NAME },
    },
    scopes: { type: 'array', maxItems: 100, items: { type: 'string', minLength: 1, maxLength: 1000 } },
    checks: { type: 'array', minItems: 1, maxItems: 4, items: TEXT },
    reason: REASON,
    ticket: { type: 'string', maxLength: 253 },
    duration: { type: 'string', minLength: 1, maxLength: 20 },
    decision: TEXT,
  },
} as const;

const VERDICT = {
  type: 'object',
  additionalProperties: false,
  required: ['namespace', 'grant', 'grantUID', 'scopesDigest', 'decision', 'reason'],
  properties: {
    namespace: NAME,
    grant: NAME,
    grantUID: TEXT,
    scopesDigest: TEXT,
    decision: { type: 'string', enum: ['Approve', 'Reject', 'Revoke'] },
    reason: REASON,
  },
} as const;

export function addWrites(app: FastifyInstance, { desk }: { readonly desk: Desk }): void {
  app.post<{ Params: { namespace: string; name: string } }>(
    '/api/denials/:namespace/:name/recheck',
    { schema: { params: NAMED } },
    async ({ params }) => {
      await desk.recheck(params.namespace, params.name);
      return {};
    },
  );
  app.post<{ Body: GrantWish }>('/api/grants', { schema: { body: WISH } }, async ({ body }, reply) =>
    reply.code(201).send(await desk.ask(body)),
  );
  app.post<{ Body: GrantVerdict }>('/api/decisions', { schema: { body: VERDICT } }, async ({ body }, reply) =>
    reply.code(201).send(await desk.decide(body)),
  );
}
