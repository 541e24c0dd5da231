import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentCommand } from '../../../src/agent/command.ts';
import { exitCodes } from '../../../src/agent/failure.ts';
import { RESTART_EXIT_CODE } from '../../../src/core/inject/names.ts';
import { agentConfig, type TestHost, testHost } from '../../support/agent.ts';

describe('agentCommand', () => {
  let host: TestHost;

  beforeEach(async () => {
    host = await testHost(agentConfig());
  });
  afterEach(() => host.remove());

  it.each([['--help'], ['-h']])('explains itself with every exit code for %s', async (flag) => {
    expect(await agentCommand([flag], host)).toBe(0);
    for (const code of [...Object.values(exitCodes), RESTART_EXIT_CODE])
      expect(host.printed.join()).toContain(` ${code} `);
  });

  it.each([[[]], [['keep']], [['init', 'more']], [['run', 'more']], [['toString']], [['--verbose']]])(
    'refuses the arguments %j',
    async (args) => {
      expect(await agentCommand(args, host)).toBe(2);
      expect(host.reported).toEqual(['countersign: expected the command init or run; --help says more']);
    },
  );

  it('ends with 143 when it is stopped', async () => {
    host.stop.abort();
    expect(await agentCommand(['init'], host)).toBe(143);
    expect(host.reported).toEqual([]);
  });

  it('of the sidecar ends with 0 when it is stopped', async () => {
    host.stop.abort();
    expect(await agentCommand(['run'], host)).toBe(0);
    expect(host.reported).toEqual([]);
  });

  it('says of a bug where it is, and not what it said', async () => {
    const broken = {
      ...host,
      now() {
        throw new TypeError('hvs.secret');
      },
    };
    expect(await agentCommand(['init'], broken)).toBe(1);
    expect(host.reported).toEqual([
      expect.stringMatching(/^countersign failed by a bug of its own: TypeError at /),
    ]);
    expect(host.reported[0]).not.toContain('hvs.secret');
  });
});
