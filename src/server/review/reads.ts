import type { FastifyInstance } from 'fastify';
import type { AccessReport } from '../../core/report/access-report.ts';
import type { Desk, StoredDenial } from '../../desk/desk.ts';

/** Where what the page shows comes from. */
export interface PageSources {
  readonly desk: Desk;
  /** The one that is looked at; `undefined`: all that the viewer may list. */
  readonly namespace: string | undefined;
  /** Of the kubeconfig. */
  readonly context: string;
  readonly report: () => Promise<AccessReport>;
  readonly csv: (report: AccessReport) => string;
  /** The smallest Role that the denial lacks, as text to read and apply; `undefined`: there is no way to ask. */
  readonly proposal?: ((denial: StoredDenial) => Promise<string>) | undefined;
}

interface Named {
  readonly Params: { readonly namespace: string; readonly name: string };
}

export const NAME = { type: 'string', minLength: 1, maxLength: 253, pattern: '^[0-9A-Za-z.:_-]+$' } as const;

export const NAMED = {
  type: 'object',
  required: ['namespace', 'name'],
  properties: { namespace: NAME, name: NAME },
} as const;

export function addReads(app: FastifyInstance, sources: PageSources): void {
  const { desk, namespace, context, report, csv, proposal } = sources;
  const one = { schema: { params: NAMED } };

  app.get('/api/me', async () => ({
    viewer: await desk.whoAmI(),
    context,
    namespace,
    proposals: proposal !== undefined,
  }));
  app.get<{ Params: { namespace: string } }>(
    '/api/rights/:namespace',
    { schema: { params: { type: 'object', properties: { namespace: NAME } } } },
    async ({ params }) => desk.rights(params.namespace),
  );
  app.get('/api/denials', async () => desk.denials(namespace));
  app.get('/api/grants', async () => desk.grants(namespace));
  app.get<Named>('/api/denials/:namespace/:name', one, async ({ params }, reply) => {
    const denial = await desk.denial(params.namespace, params.name);
    return denial ?? reply.code(404).send(gone('Denial', params));
  });
  app.get<Named>('/api/denials/:namespace/:name/proposal', one, async ({ params }, reply) => {
    const denial = await desk.denial(params.namespace, params.name);
    if (denial === undefined || proposal === undefined) return reply.code(404).send(gone('Denial', params));
    return { text: await proposal(denial) };
  });
  app.get('/api/report', async () => report());
  app.get('/api/report.csv', async (_request, reply) =>
    reply.type('text/csv; charset=utf-8').send(csv(await report())),
  );
}

function gone(kind: string, { namespace, name }: Named['Params']) {
  return { status: 404, code: 'ERR_GONE', message: `${kind} ${namespace}/${name} is not there (any more)` };
}
