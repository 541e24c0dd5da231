import { describe, expect, it } from 'vitest';
import { processHost } from '../../../src/agent/host.ts';

const never = new AbortController().signal;

describe('processHost', () => {
  it('finds everything where the webhook mounts it', () => {
    expect(processHost({}, never).places).toEqual({
      tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      stateDir: '/var/run/countersign/state',
      filesDir: '/var/run/secrets/countersign.dev',
      envDir: '/var/run/countersign/env',
      terminationLog: '/dev/termination-log',
    });
  });

  it('finds it where variables say, for a run outside of a pod', () => {
    const env = {
      COUNTERSIGN_TOKEN_FILE: '/a',
      COUNTERSIGN_STATE_DIR: '/b',
      COUNTERSIGN_FILES_DIR: '/c',
      COUNTERSIGN_ENV_DIR: '/d',
      COUNTERSIGN_TERMINATION_LOG: '/e',
    };
    const places = {
      tokenFile: '/a',
      stateDir: '/b',
      filesDir: '/c',
      envDir: '/d',
      terminationLog: '/e',
    };
    expect(processHost(env, never).places).toEqual(places);
  });

  it('wakes up, with the reason, when the container is stopped', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const sleeping = processHost({}, stop.signal).sleep(60_000);

    stop.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
  });
});
