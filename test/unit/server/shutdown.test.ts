import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createLifecycle } from '../../../src/server/lifecycle.ts';
import {
  type ClosingServer,
  installShutdown,
  type ShutdownOptions,
  shutDown,
} from '../../../src/server/shutdown.ts';
import { captureLog } from '../../support/log.ts';

/** Closes when its connections are gone: those that are idle when they are swept, all of them when they are cut. */
function fakeServer(
  name: string,
  events: string[],
  endedBy: 'itself' | 'sweep' | 'cut' = 'itself',
): ClosingServer {
  const gone = Promise.withResolvers<void>();
  return {
    close: () => {
      events.push(`close ${name}`);
      return endedBy === 'itself' ? Promise.resolve() : gone.promise;
    },
    server: {
      closeIdleConnections: () => endedBy === 'sweep' && gone.resolve(),
      closeAllConnections: () => {
        events.push(`cut ${name}`);
        gone.resolve();
      },
    },
  };
}

function setUp(overrides: Partial<ShutdownOptions> = {}) {
  const log = captureLog();
  const lifecycle = createLifecycle();
  const options = {
    lifecycle,
    servers: [],
    inFlight: () => 0,
    logger: log.logger,
    graceSeconds: 0,
    ...overrides,
  };
  return { log, lifecycle, options };
}

describe('shutting down', () => {
  it('takes calls for the grace, then closes the servers in turn, then the rest', async () => {
    const events: string[] = [];
    const servers = [fakeServer('webhook', events), fakeServer('operations', events)];
    const { options, lifecycle } = setUp({
      servers,
      stop: () => void events.push('stop'),
      graceSeconds: 0.05,
    });

    const code = shutDown(options);
    expect([lifecycle.draining, events]).toEqual([true, []]);
    expect(await code).toBe(0);
    expect(events).toEqual(['close webhook', 'close operations', 'stop']);
  });

  it('ends answered connections that are kept open for the next call', async () => {
    const { options } = setUp({ servers: [fakeServer('webhook', [], 'sweep')] });
    expect(await shutDown(options)).toBe(0);
  });

  it('ends connections that were never used, and counts no call as lost', async () => {
    const events: string[] = [];
    const { options } = setUp({ servers: [fakeServer('webhook', events, 'cut')] });
    expect([await shutDown(options), events]).toEqual([0, ['close webhook', 'cut webhook']]);
  });

  it('cuts off what is still not answered at the limit, and says so', async () => {
    const { options, log } = setUp({
      servers: [fakeServer('webhook', [], 'cut')],
      inFlight: () => 3,
      limitSeconds: 0.2,
    });
    expect(await shutDown(options)).toBe(1);
    expect(log.entries().at(-1)).toEqual({
      level: 'error',
      msg: 'shut down before every call was answered',
      calls: 3,
    });
  });

  it('that fails is not a success', async () => {
    const { options } = setUp({ stop: () => Promise.reject(new Error('stuck')) });
    expect(await shutDown(options)).toBe(1);
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'])(
    '%s ends the process with 0, and the listeners can be taken off',
    async (signal) => {
      const signals = new EventEmitter();
      const code = new Promise((exit) => installShutdown({ ...setUp().options, signals, exit }));
      signals.emit(signal);
      expect(await code).toBe(0);
    },
  );

  it('that comes a second time ends it at once', async () => {
    const signals = new EventEmitter();
    const codes: number[] = [];
    installShutdown({ ...setUp({ graceSeconds: 0.02 }).options, signals, exit: (code) => codes.push(code) });
    signals.emit('SIGTERM');
    signals.emit('SIGINT');
    expect(codes).toEqual([1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('is not listened for any more once that is taken back', () => {
    const signals = new EventEmitter();
    installShutdown({ ...setUp().options, signals, exit: () => undefined })();
    expect(signals.eventNames()).toEqual([]);
  });
});
