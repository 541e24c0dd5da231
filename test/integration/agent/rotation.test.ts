import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { furnish, listed, role, secondsLeft, sidecarConfig } from '../../support/agent-openbao.ts';
import { newPod, type Pod } from '../../support/agent-process.ts';
import { readFor } from '../../support/agent-reader.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt } from '../../support/openbao-jwt.ts';

/** Long enough for the token to be replaced once. */
const seconds = Number(process.env['COUNTERSIGN_ROTATION_SECONDS'] ?? 45);

let bao: OpenBao;
let pod: Pod;
let server: Server;
let notified = 0;

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  const jwt = await enableJwt(bao);
  await furnish(bao);
  await role(bao, 'short', '60s', '60s');
  pod = await newPod(await jwt.sign());
});
beforeEach(async () => {
  server = createServer((_, response) => {
    notified += 1;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());
afterAll(async () => {
  await pod?.remove();
  await bao?.stop();
});

it('a reader never sees a torn or an ended set while leases of 20 s and a token of 60 s at most rotate', {
  timeout: (seconds + 30) * 1000,
}, async () => {
  const notify = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const config = sidecarConfig(bao, 'short', { notify });
  expect(await pod.run(config)).toMatchObject({ code: 0, stderr: '' });
  const sidecar = pod.sidecar(config);

  const { reads, sets, tokens, problems } = await readFor(bao, pod.filesDir, seconds);

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
    expect(await secondsLeft(bao, token)).toBeUndefined();
    expect(stdout).not.toContain(token);
  }
  expect(await listed(bao, 'sys/leases/lookup/pki/issue/shop')).toEqual([]);
});
