import { describe, expect, it } from 'vitest';
import { createLifecycle } from '../../../src/server/lifecycle.ts';
import { buildOperations, type Check } from '../../../src/server/operations.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const SYNCED: Check = { name: 'facts', ok: true, detail: 'synced, 2 s old' };
const UNSYNCED: Check = { name: 'facts', ok: false, detail: 'roles have not been listed yet' };

function setUp(...checks: readonly Check[]) {
  const lifecycle = createLifecycle();
  const app = buildOperations({
    checks: () => checks,
    lifecycle,
    metrics: createMetrics({ version: 'test' }),
  });
  return { app, lifecycle };
}

describe('readiness', () => {
  it('is a short text when all is well', async () => {
    const { statusCode, body } = await setUp(SYNCED).app.inject('/readyz');
    expect([statusCode, body]).toEqual([200, 'ok']);
  });

  it('says which check fails and why', async () => {
    const { statusCode, body } = await setUp(UNSYNCED).app.inject('/readyz');
    expect(statusCode).toBe(503);
    expect(body).toContain('[-]facts failed: roles have not been listed yet');
    expect(body).toContain('[+]shutdown ok');
  });

  it('lists every check when asked to', async () => {
    const { statusCode, body } = await setUp(SYNCED).app.inject('/readyz?verbose');
    expect([statusCode, body]).toEqual([
      200,
      '[+]facts ok: synced, 2 s old\n[+]shutdown ok: not asked for\nready\n',
    ]);
  });

  it('is JSON for whoever asks for JSON', async () => {
    const { app } = setUp(UNSYNCED);
    const response = await app.inject({ url: '/readyz', headers: { accept: 'application/json' } });
    expect(response.json()).toMatchObject({
      ready: false,
      checks: [UNSYNCED, { name: 'shutdown', ok: true }],
    });
  });

  it('ends when the process begins to drain, while it stays alive', async () => {
    const { app, lifecycle } = setUp(SYNCED);
    lifecycle.drain();
    const codes = await Promise.all(
      ['/readyz', '/livez'].map(async (url) => (await app.inject(url)).statusCode),
    );
    expect(codes).toEqual([503, 200]);
  });
});

it('metrics are text that Prometheus reads', async () => {
  const { headers, body } = await setUp().app.inject('/metrics');
  expect(headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(body).toContain('countersign_build_info');
});

it.each([
  ['GET', '/'],
  ['POST', '/metrics'],
  ['GET', '/readyz/x'],
  ['GET', '/change/door'],
] as const)('%s %s is not found', async (method, url) => {
  expect((await setUp().app.inject({ method, url })).statusCode).toBe(404);
});
