import { EventEmitter, once } from 'node:events';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { listen } from '../../../src/server/listen.ts';
import { buildOperations } from '../../../src/server/operations.ts';
import { installShutdown } from '../../../src/server/shutdown.ts';
import { createCa } from '../../support/tls.ts';
import { allowEverything, reviewText, setUpWebhook } from '../../support/webhook.ts';

async function setUp(graceSeconds: number) {
  const ca = await createCa();
  const held = Promise.withResolvers<void>();
  const webhook = setUpWebhook({
    tls: await ca.issue(),
    handle: async (endpoint, ...rest) => {
      if (endpoint === 'inject') await held.promise;
      return allowEverything(endpoint, ...rest);
    },
  });
  const { app, log, lifecycle, metrics, gate } = webhook;
  const operations = buildOperations({ checks: () => [], lifecycle, metrics });
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const operationsPort = await listen(operations, { host: '127.0.0.1', port: 0 });
  const signals = new EventEmitter();
  const exited = new Promise<number>((exit) => {
    const servers = [app, operations];
    installShutdown({
      lifecycle,
      servers,
      inFlight: () => gate.inFlight,
      logger: log.logger,
      graceSeconds,
      signals,
      exit,
    });
  });
  const agent = new Agent({ keepAlive: true, ca: ca.pem });
  async function call(endpoint: string) {
    const headers = { 'content-type': 'application/json' };
    const sent = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: `/${endpoint}/door`,
      agent,
      headers,
    }).end(reviewText());
    const [response] = await once(sent, 'response');
    await text(response);
    return { status: response.statusCode, connection: response.headers.connection };
  }
  const ready = async () => (await fetch(`http://127.0.0.1:${operationsPort}/readyz`)).status;
  return {
    call,
    ready,
    port,
    ca,
    agent,
    exited,
    gate,
    answer: held.resolve,
    signal: () => signals.emit('SIGTERM'),
  };
}

it('a call that is under way is answered, and the process is gone soon after', async () => {
  const { call, exited, gate, answer, agent, signal } = await setUp(0);
  await Promise.all(Array.from({ length: 5 }, () => call('change')));
  const slow = call('inject');
  await expect.poll(() => gate.inFlight).toBe(1);
  const begin = performance.now();

  signal();
  await new Promise((resolve) => setTimeout(resolve, 300));
  answer();

  expect(await slow).toEqual({ status: 200, connection: 'close' });
  expect(await exited).toBe(0);
  expect(performance.now() - begin).toBeLessThan(2500);
  agent.destroy();
});

it('during the grace it is not ready, and answers every call, on old and on new connections', async () => {
  const { call, ready, exited, agent, signal } = await setUp(0.4);
  expect([await ready(), (await call('change')).connection]).toEqual([200, 'keep-alive']);

  signal();

  expect(await ready()).toBe(503);
  expect(await call('change')).toEqual({ status: 200, connection: 'close' });
  expect(await call('change')).toEqual({ status: 200, connection: 'close' });
  expect(await exited).toBe(0);
  agent.destroy();
});

it('a connection that was never used does not hold it up', async () => {
  const { port, ca, exited, signal } = await setUp(0);
  const unused = connect({ host: '127.0.0.1', port, ca: ca.pem });
  await once(unused, 'secureConnect');
  unused.on('error', () => undefined);
  const begin = performance.now();

  signal();

  expect(await exited).toBe(0);
  expect(performance.now() - begin).toBeLessThan(4000);
});
