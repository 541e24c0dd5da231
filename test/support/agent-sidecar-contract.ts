/** The life of the sidecar with a real server of either product. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { furnish, kv, listed, role, secondsLeft, sidecarConfig } from './agent-openbao.ts';
import { newPod, type Pod, type Started } from './agent-process.ts';
import { parseEnv } from './env-file.ts';
import { enableJwt, type JwtMount } from './openbao-jwt.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

export function describeSidecar(product: Product): void {
  let server: VaultServer;
  let jwt: JwtMount;
  let pod: Pod;
  const started: Started[] = [];

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: false });
    jwt = await enableJwt(server);
    await furnish(server);
    await role(server, 'long', '1h', '10h');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    await server.call('POST', 'secret/data/shop/kv', { data: { word: 'first-word', quote: "it's" } });
    pod = await newPod(await jwt.sign());
  });
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    await pod.remove();
  });

  function sidecar(config: AgentConfig): Started {
    const one = pod.sidecar(config);
    started.push(one);
    return one;
  }

  const file = (name: string) => readFile(join(pod.filesDir, name), 'utf8');
  const accessors = () => listed(server, 'auth/token/accessors');

  async function until(met: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 15_000;
    while (!(await met())) {
      if (Date.now() > end) throw new Error('it did not come to that within 15 s');
      await sleep(50);
    }
  }

  const word = {
    variable: 'WORD',
    value: { kind: 'field', credential: 'kv', field: 'word', base64: false },
  } as const;

  describe(`the sidecar with a real ${product}`, () => {
    it('reads a value again and swaps it in, with the variable', async () => {
      const config = sidecarConfig(server, 'long', { env: [word] });
      await pod.run(config);
      sidecar(config);

      await server.call('POST', 'secret/data/shop/kv', { data: { word: 'second-word' } });

      await until(async () => (await file('kv.json')) === '{"word":"second-word"}');
      expect(parseEnv(await readFile(pod.envFile, 'utf8'), 'WORD')).toBe('second-word');
      expect((await stat(pod.envFile)).mode & 0o777).toBe(0o400);
    });

    it('asks for a restart when a variable has changed, and everything is written by then', async () => {
      const config = sidecarConfig(server, 'long', { env: [word], rotate: 'restart' });
      await pod.run(config);
      const before = await accessors();
      const { ended } = sidecar(config);

      await server.call('POST', 'secret/data/shop/kv', { data: { word: 'second-word' } });

      expect(await ended).toMatchObject({ code: 88, stderr: '', termination: '' });
      expect(await readFile(pod.envFile, 'utf8')).toBe("WORD='second-word'\n");
      // What kubelet does then: init again, without a login, and the sidecar.
      expect((await pod.run(config)).code).toBe(0);
      expect(await accessors()).toEqual(before);
      const again = sidecar(config);
      const more = { word: 'second-word', more: 'of-no-variable' };
      await server.call('POST', 'secret/data/shop/kv', { data: more });
      await until(async () => (await file('kv.json')).includes('of-no-variable'));
      expect(again.child.exitCode).toBeNull();
    });

    it('killed and started again goes on without a login or a second lease', async () => {
      const config = sidecarConfig(server, 'long');
      await pod.run(config);
      const before = [await accessors(), await listed(server, 'pki/certs'), await file('tls.crt')];
      for (let count = 0; count < 3; count += 1) {
        const { child, ended } = sidecar(config);
        await sleep(600);
        child.kill('SIGKILL');
        await ended;
      }
      sidecar(config);
      await server.call('POST', 'secret/data/shop/kv', { data: { word: 'later' } });

      await until(async () => (await file('kv.json')).includes('later'));
      expect([await accessors(), await listed(server, 'pki/certs'), await file('tls.crt')]).toEqual(before);
    });

    it('takes another token when somebody revoked its own', async () => {
      const config = sidecarConfig(server, 'long');
      await pod.run(config);
      const token = await file('token');
      sidecar(config);

      await server.call('POST', 'auth/token/revoke', { token });

      await until(async () => (await file('token')) !== token);
      expect(await secondsLeft(server, await file('token'))).toBeGreaterThan(3000);
    });

    it('of a pod with init alone leaves the token alive', async () => {
      const config = sidecarConfig(server, 'long', { sidecar: false });
      const { code, stdout } = await pod.run(config);

      expect(code).toBe(0);
      expect(stdout).toContain('leases end, and no sidecar renews them');
      expect(await secondsLeft(server, await file('token'))).toBeGreaterThan(3000);
    });
  });

  describe(`signed tokens of a real ${product}`, () => {
    it('are written when they are for whom they were asked for', async () => {
      const identities = [
        { file: 'id.jwt', role: 'billing', audience: 'billing', scopes: ['read', 'write'] },
      ];
      expect(await pod.run(sidecarConfig(server, 'long', { identities }))).toMatchObject({
        code: 0,
        stderr: '',
      });

      const keys = createRemoteJWKSet(new URL(`${server.address}/v1/identity/oidc/.well-known/keys`));
      const { payload } = await jwtVerify(await file('id.jwt'), keys, { audience: 'billing' });
      expect(payload['scope']).toBe('read write');
      expect((await stat(join(pod.filesDir, 'id.jwt'))).mode & 0o777).toBe(0o444);
    });

    it.each([
      ['stock', ['read'], 'the token of role stock is for stock, and not for billing'],
      ['billing', ['read', 'admin'], 'the token of role billing lacks the scope admin'],
    ])('of role %s with scopes %j are not written when they are not', async (name, scopes, cause) => {
      const identities = [{ file: 'id.jwt', role: name, audience: 'billing', scopes }];
      const config = sidecarConfig(server, 'long', { identities });

      const { code, termination, stdout } = await pod.run(config, { COUNTERSIGN_GIVE_UP_SECONDS: '1' });

      expect(code).toBe(14);
      expect(termination).toMatch(
        new RegExp(`^countersign gave up after \\d s: countersign.dev/identity.id.jwt: ${cause}$`),
      );
      expect(stdout + termination).not.toContain('eyJ');
      await expect(stat(join(pod.filesDir, 'tls.crt'))).rejects.toThrow('ENOENT');
    });
  });

  it('nothing is written by halves: a variable that can not be keeps the files back', async () => {
    const quote = {
      variable: 'QUOTE',
      value: { kind: 'field', credential: 'kv', field: 'quote', base64: false },
    } as const;
    const { code, termination } = await pod.run(sidecarConfig(server, 'long', { env: [word, quote] }));

    expect(code).toBe(14);
    expect(termination.replace(/after \d+ s/, 'after N s')).toBe(
      "countersign gave up after N s: countersign.dev/env.QUOTE: kv.quote holds a ', which kubelet's env file can't " +
        'carry: ask for kv.quote|base64',
    );
    for (const path of [pod.envFile, join(pod.filesDir, 'kv.json')]) {
      await expect(stat(path)).rejects.toThrow('ENOENT');
    }
  });

  // Last: nothing answers behind it.
  it('the sidecar outlives a Vault that is sealed', async () => {
    const config = sidecarConfig(server, 'long', { credentials: [{ ...kv, refreshSeconds: 1 }], files: [] });
    await pod.run(config);
    const { child, said, ended } = sidecar(config);
    await server.call('POST', 'sys/seal');
    await until(async () => said().split('Vault is sealed').length > 2);

    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
}
