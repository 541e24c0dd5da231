import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followKeys } from '../../../src/keys/follow.ts';
import { serveFromKeys } from '../../../src/keys/served.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { systemClock } from '../../../src/kube/clock.ts';
import { type Caller, createCallerCheck, tlsOptionsFor } from '../../../src/server/caller.ts';
import { listen } from '../../../src/server/listen.ts';
import { startFakeKube, status } from '../../support/fake-kube.ts';
import { advanced, decoded, filled, moment, NAMES, type SecretData } from '../../support/keys.ts';
import { captureLog } from '../../support/log.ts';
import { createCa, temporaryFolder } from '../../support/tls.ts';
import { reviewText, setUpWebhook } from '../../support/webhook.ts';

const SECRETS = '/api/v1/namespaces/countersign/secrets';
const base64 = (value: string) => Buffer.from(value).toString('base64');

let good: SecretData;
let renewed: SecretData;
beforeAll(async () => {
  good = await filled();
  renewed = await advanced(good, moment({ asked: new Set(['tls', 'path', 'injection']) }));
});

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function setUp({ tls = true, now = () => new Date() } = {}) {
  const kube = await startFakeKube();
  cleanUps.push(() => kube.stop());
  const log = captureLog();
  const followed = followKeys({
    client: createKubeClient(kube.access),
    namespace: 'countersign',
    name: 'countersign-keys',
    tls,
    clock: systemClock,
    random: () => 0,
    now,
    log: log.logger,
  });
  const secret = (data: SecretData) => ({
    metadata: { namespace: 'countersign', name: 'countersign-keys' },
    data,
  });
  const start = () => {
    const stop = new AbortController();
    const done = followed.run(stop.signal);
    cleanUps.push(async () => {
      stop.abort();
      await done;
    });
  };
  const put = (data: SecretData) => kube.put(SECRETS, secret(data));
  return { kube, log, followed, put, start, remove: () => kube.remove(SECRETS, secret({})) };
}

describe('a replica', () => {
  it('asks for its own Secret alone', async () => {
    const { kube, start, put, followed } = await setUp();
    put(good);
    start();
    await expect.poll(() => followed.usable !== undefined && kube.openWatches(SECRETS)).toBe(1);

    for (const request of kube.requests)
      expect(request).toContain('fieldSelector=metadata.name%3Dcountersign-keys');
  });

  it('waits for a Secret, and for the leader to fill it', async () => {
    const { kube, start, put, followed, log } = await setUp();
    kube.upset('list', SECRETS, status(403, 'Forbidden'));
    start();
    await expect.poll(() => followed.problem).toContain('403 Forbidden');
    await expect.poll(() => followed.problem).toBe('there is no such Secret');
    put({});
    await expect
      .poll(() => followed.problem)
      .toBe('tls.crt: is missing; injection.key: is missing; path: is missing');
    expect(followed.usable).toBeUndefined();
    put(good);
    await expect.poll(() => followed.problem).toBeUndefined();

    expect(followed.usable?.segments).toEqual([decoded(good, 'path')]);
    expect(log.entries().map(({ level }) => level)).not.toContain('error');
  });

  it('accepts old and new of what is rotated', async () => {
    const { start, put, followed } = await setUp();
    put(renewed);
    start();
    await expect
      .poll(() => followed.usable?.segments)
      .toEqual([decoded(renewed, 'path'), decoded(good, 'path')]);

    const keys = followed.usable?.injection.map((key) => key.export().toString('base64'));
    expect(keys).toEqual([good['injection.key'], renewed['injection-next.key']]);
  });

  it.each<[string, () => SecretData | undefined, string]>([
    ['without a key', () => ({ ...good, 'tls.key': '' }), 'tls.key: is missing'],
    [
      'with a segment that is none',
      () => ({ ...good, path: base64('a/b') }),
      'path: expected a-z, 0-9 and - between them',
    ],
    ['that is gone', () => undefined, 'there is no such Secret'],
  ])('keeps the last good content of a Secret %s, and says so once', async (_, change, problem) => {
    const { start, put, remove, followed, log } = await setUp();
    put(good);
    start();
    await expect.poll(() => followed.usable).toBeDefined();
    const before = followed.usable;
    const data = change();
    if (data === undefined) remove();
    else {
      put(data);
      put(data);
    }
    await expect.poll(() => followed.problem).toBe(problem);

    expect(followed.usable).toBe(before);
    expect(followed.remembered('path')).toEqual({ path: good['path'], 'path-previous': null });
    expect(log.entries().filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ msg: 'the Secret of keys cannot be used, the last good one is', problem }),
    ]);
    put(renewed);
    await expect.poll(() => followed.problem).toBeUndefined();
  });

  it('does not take up a certificate that has expired', async () => {
    const { start, put, followed } = await setUp({ now: () => new Date(Date.now() + 31 * 86_400_000) });
    put(good);
    start();
    await expect.poll(() => followed.problem).toBe('tls.crt: has expired');
  });

  it('needs no certificate in it where certificates are somebody else’s', async () => {
    const { start, put, followed } = await setUp({ tls: false });
    const { path = '', 'injection.key': key = '' } = good;
    put({ path, 'injection.key': key });
    start();
    await expect.poll(() => followed.problem).toBeUndefined();

    expect(followed.usable?.tls).toBeUndefined();
  });
});

describe('an open server', () => {
  async function serve(caller: Caller, clientCAFile?: string) {
    const { start, put, followed } = await setUp();
    const check = createCallerCheck(caller, () => followed.usable?.segments ?? []);
    const webhook = setUpWebhook({ caller: check, tls: tlsOptionsFor(caller) });
    const { logger } = webhook.log;
    const certificate = serveFromKeys({ followed, clientCAFile, logger, metrics: webhook.metrics });
    const port = await listen(webhook.app, { host: '127.0.0.1', port: 0 });
    cleanUps.push(
      () => webhook.app.close(),
      () => certificate.stop(),
    );
    const call = async (segment: string, identity: object = {}) => {
      const headers = { 'content-type': 'application/json' };
      const ca = decoded(good, 'ca.crt');
      const servername = NAMES[0];
      const path = `/change/${segment}`;
      const sent = request({
        host: '127.0.0.1',
        port,
        method: 'POST',
        path,
        ca,
        servername,
        agent: false,
        headers,
        ...identity,
      });
      sent.end(reviewText());
      const [response] = await once(sent, 'response');
      await text(response);
      return Number(response.statusCode);
    };
    const fingerprint = () =>
      new Promise<string>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).fingerprint256);
          socket.destroy();
        });
        socket.on('error', (error) => resolve(error.message));
      });
    return {
      start,
      put,
      call,
      fingerprint,
      follow: () => certificate.follow(webhook.app.server),
      followed,
      ...webhook,
    };
  }

  const fingerprintOf = (data: SecretData) => new X509Certificate(decoded(data, 'tls.crt')).fingerprint256;

  it('has no certificate and knows nobody before there are keys, and takes each change up', async () => {
    const { start, put, call, fingerprint, follow, metrics } = await serve({ mode: 'path', segment: '' });
    follow();
    expect(await fingerprint()).toMatch(/handshake failure/u);
    start();
    put(good);
    await expect.poll(fingerprint).toBe(fingerprintOf(good));
    expect([await call(decoded(good, 'path')), await call(''), await call(decoded(renewed, 'path'))]).toEqual(
      [200, 404, 404],
    );
    put(renewed);
    await expect.poll(fingerprint).toBe(fingerprintOf(renewed));
    expect([await call(decoded(good, 'path')), await call(decoded(renewed, 'path'))]).toEqual([200, 200]);
    const { 'path-previous': _, ...done } = renewed;
    put(done);
    await expect.poll(() => call(decoded(good, 'path'))).toBe(404);

    const expiry = Date.now() / 1000 + 729 * 86_400;
    const [ca] =
      (await metrics.registry.getSingleMetric('countersign_ca_expiry_timestamp_seconds')?.get())?.values ??
      [];
    expect(ca?.value).toBeGreaterThan(expiry);
  });

  it('that comes after the keys has the certificate at once', async () => {
    const { start, put, fingerprint, follow, followed } = await serve({ mode: 'path', segment: '' });
    put(good);
    start();
    await expect.poll(() => followed.usable).toBeDefined();
    follow();

    expect(await fingerprint()).toBe(fingerprintOf(good));
  });

  it('asks for client certificates of the CA of the file beside it', async () => {
    using folder = temporaryFolder();
    const clients = await createCa('clients');
    const file = join(folder.path, 'ca.crt');
    writeFileSync(file, clients.pem);
    const { start, put, call, fingerprint, follow } = await serve(
      { mode: 'mtls', allowedNames: ['apiserver'] },
      file,
    );
    follow();
    put(good);
    start();
    await expect.poll(fingerprint).toBe(fingerprintOf(good));
    const segment = decoded(good, 'path');

    expect(await call(segment, await clients.issue({ commonName: 'apiserver' }))).toBe(200);
    expect(await call(segment)).toBe(403);
    put(renewed);
    await expect.poll(fingerprint).toBe(fingerprintOf(renewed));
    expect(await call(segment, await clients.issue({ commonName: 'apiserver' }))).toBe(200);
  });
});
