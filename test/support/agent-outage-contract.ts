/** A real server of either product that is not there, hangs, is sealed or has forgotten everything, and comes back. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../scripts/cluster/ports.ts';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { furnish, kv, listed, role, secondsLeft, sidecarConfig } from './agent-openbao.ts';
import { newPod, type Pod, type Started } from './agent-process.ts';
import { enableJwt, newKeys } from './openbao-jwt.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

const patience = { timeout: 60_000, interval: 50 };

export function describeOutages(product: Product): void {
  let keys: Awaited<ReturnType<typeof newKeys>>;
  let port = 0;
  let server: VaultServer;
  let pod: Pod;

  beforeEach(async () => {
    keys = await newKeys();
    port = await freePort();
  });

  /** At the same address every time, and in memory: what the one before knew is gone. */
  async function startServer(word: string): Promise<string> {
    const started = await startVaultServer(product, { tls: false, port });
    onTestFinished(() => started.stop());
    server = started;
    const jwt = await enableJwt(server, keys);
    await furnish(server);
    await role(server, 'long', '1h', '10h');
    await write(word);
    return jwt.sign();
  }

  async function openPod(jwt: string): Promise<void> {
    const opened = await newPod(jwt);
    onTestFinished(() => opened.remove());
    pod = opened;
  }

  function write(word: string): Promise<unknown> {
    return server.call('POST', 'secret/data/shop/kv', { data: { word } });
  }

  function config(): AgentConfig {
    return sidecarConfig(server, 'long', {
      credentials: [{ ...kv, refreshSeconds: 1 }],
      files: [{ file: 'kv', content: { kind: 'field', credential: 'kv', field: 'word' } }],
    });
  }

  function ending(started: Started): Started {
    onTestFinished(async () => {
      started.child.kill('SIGKILL');
      await started.ended;
    });
    return started;
  }

  const file = (name: string) => readFile(join(pod.filesDir, name), 'utf8');
  const accessors = () => listed(server, 'auth/token/accessors');

  async function runningPod(): Promise<Started> {
    await openPod(await startServer('first'));
    expect(await pod.run(config())).toMatchObject({ code: 0, termination: '' });
    return ending(pod.sidecar(config()));
  }

  async function stopped({ child, ended }: Started): Promise<void> {
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '', termination: '' });
  }

  const interrupted: readonly (readonly [string, string, () => Promise<unknown>, () => Promise<unknown>])[] =
    [
      [
        'is sealed',
        'Vault is sealed',
        () => server.call('POST', 'sys/seal'),
        async () => server.call('POST', 'sys/unseal', { key: await server.unsealKey() }),
      ],
      [
        'hangs',
        'no answer within 10 s',
        async () => process.kill(await server.pid(), 'SIGSTOP'),
        async () => process.kill(await server.pid(), 'SIGCONT'),
      ],
    ];

  describe.each(interrupted)(`a real ${product} that %s`, { timeout: 120_000 }, (_, cause, begin, mend) => {
    it('costs a running pod no file and no login, and is asked again when that is over', async () => {
      const sidecar = await runningPod();
      const before = [await accessors(), await file('token')];
      await begin();

      await expect.poll(sidecar.said, patience).toContain(cause);
      expect(sidecar.child.exitCode).toBeNull();
      expect(await file('kv')).toBe('first');
      await mend();
      await write('second');

      await expect.poll(() => file('kv'), patience).toBe('second');
      expect([await accessors(), await file('token')]).toEqual(before);
      await stopped(sidecar);
    });

    it('is waited for by a pod that starts, which logs in once', async () => {
      await openPod(await startServer('first'));
      await begin();
      const init = ending(pod.start(config()));

      await expect.poll(init.said, patience).toContain(cause);
      expect(await readdir(pod.filesDir)).toEqual([]);
      await mend();

      expect(await init.ended).toMatchObject({ code: 0, stderr: '', termination: '' });
      expect(await file('kv')).toBe('first');
      // The server may have made more tokens: it finds the logins of before where it left them, and nobody waits for those.
      expect(init.said().match(/"logged in"/gu)).toHaveLength(1);
    });
  });

  describe(`a real ${product} that is gone`, { timeout: 120_000 }, () => {
    it('and comes back without a memory is logged in to anew, and the files follow', async () => {
      const sidecar = await runningPod();
      const token = await file('token');
      await server.stop();

      await expect.poll(sidecar.said, patience).toContain('ECONNREFUSED');
      expect([await file('kv'), await file('token')]).toEqual(['first', token]);
      await startServer('second');

      await expect.poll(() => file('kv'), patience).toBe('second');
      await expect.poll(() => file('token'), patience).not.toBe(token);
      expect(await secondsLeft(server, await file('token'))).toBeGreaterThan(3000);
      expect(sidecar.said()).toContain('permission denied');
      await stopped(sidecar);
    });

    it('is waited for by a pod that starts', async () => {
      const jwt = await startServer('first');
      await server.stop();
      await openPod(jwt);
      const init = ending(pod.start(config()));
      await expect.poll(init.said, patience).toContain('ECONNREFUSED');
      await startServer('second');

      expect(await init.ended).toMatchObject({ code: 0, stderr: '', termination: '' });
      expect(await file('kv')).toBe('second');
    });
  });
}
