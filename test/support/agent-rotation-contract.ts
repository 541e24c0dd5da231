/** What a reader sees while everything rotates, with a real server of either product. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { furnish, listed, role, secondsLeft, sidecarConfig } from './agent-openbao.ts';
import { newPod, type Pod } from './agent-process.ts';
import { readFor } from './agent-reader.ts';
import { enableJwt } from './openbao-jwt.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

/** Long enough for the token to be replaced once. */
const seconds = Number(process.env['COUNTERSIGN_ROTATION_SECONDS'] ?? 45);

export function describeRotation(product: Product): void {
  let server: VaultServer;
  let pod: Pod;
  let listener: Server;
  let notified = 0;

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: true });
    const jwt = await enableJwt(server);
    await furnish(server);
    await role(server, 'short', '60s', '60s');
    pod = await newPod(await jwt.sign());
  });
  beforeEach(async () => {
    listener = createServer((_, response) => {
      notified += 1;
      response.end();
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
  });
  afterEach(() => listener.close());
  afterAll(async () => {
    await pod?.remove();
    await server?.stop();
  });

  it(`a reader never sees a torn or an ended set while leases of 20 s and a token of 60 s of ${product} rotate`, {
    timeout: (seconds + 30) * 1000,
  }, async () => {
    const notify = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    const config = sidecarConfig(server, 'short', { notify });
    expect(await pod.run(config)).toMatchObject({ code: 0, stderr: '' });
    const sidecar = pod.sidecar(config);

    const { reads, sets, tokens, problems } = await readFor(
      pod.filesDir,
      seconds,
      async (token) => (await secondsLeft(server, token)) !== undefined,
    );

    expect(problems).toEqual([]);
    expect(reads).toBeGreaterThan(seconds * 20);
    // A lease every 13 s and a token every 40, each at two thirds of its life.
    expect(sets.length).toBeGreaterThanOrEqual(Math.floor(seconds / 15));
    expect(tokens.length).toBeGreaterThanOrEqual(1 + Math.floor(seconds / 42));
    expect(notified).toBe(sets.length - 1);

    sidecar.child.kill('SIGTERM');
    const { code, stderr, termination, stdout } = await sidecar.ended;
    expect({ code, stderr, termination }).toEqual({ code: 0, stderr: '', termination: '' });
    for (const token of tokens) {
      expect(await secondsLeft(server, token)).toBeUndefined();
      expect(stdout).not.toContain(token);
    }
    expect(await listed(server, 'sys/leases/lookup/pki/issue/shop')).toEqual([]);
  });
}
