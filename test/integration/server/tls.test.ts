import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../src/server/listen.ts';
import { type ServedCertificate, serveCertificate } from '../../../src/server/tls.ts';
import { captureLog } from '../../support/log.ts';
import { createCa, type TestCa, type TestPair, temporaryFolder } from '../../support/tls.ts';
import { setUpWebhook } from '../../support/webhook.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await createCa();
});

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A Secret mount: the files are links into `..data`, which is a link to the folder of the moment. */
function secretMount() {
  const folder = temporaryFolder();
  cleanUps.push(() => folder[Symbol.dispose]());
  const at = (name: string) => join(folder.path, name);
  let version = 0;
  return {
    files: { certFile: at('tls.crt'), keyFile: at('tls.key') },
    write({ cert, key }: TestPair): void {
      version += 1;
      mkdirSync(at(`..${version}`));
      writeFileSync(at(`..${version}/tls.crt`), cert);
      writeFileSync(at(`..${version}/tls.key`), key);
      symlinkSync(`..${version}`, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
      if (version > 1) return rmSync(at(`..${version - 1}`), { recursive: true });
      for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, at(name));
    },
  };
}

async function serve(files: { certFile: string; keyFile: string }) {
  const webhook = setUpWebhook();
  const log = captureLog();
  const certificate = await serveCertificate({
    source: files,
    logger: log.logger,
    metrics: webhook.metrics,
    intervalMs: 20,
  });
  webhook.app.server.setSecureContext(certificate.options);
  certificate.follow(webhook.app.server);
  const port = await listen(webhook.app, { host: '127.0.0.1', port: 0 });
  cleanUps.push(
    () => webhook.app.close(),
    () => certificate.stop(),
  );
  return { ...webhook, log, port };
}

async function servedName(port: number): Promise<string | undefined> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: ca.pem });
  await once(socket, 'secureConnect');
  const name = socket.getPeerX509Certificate()?.subject;
  socket.destroy();
  return name;
}

async function stale(metrics: { registry: { metrics(): Promise<string> } }): Promise<string | undefined> {
  return /^countersign_certificate_stale (\d)/m.exec(await metrics.registry.metrics())?.[1];
}

describe('a certificate that is replaced', () => {
  it('is served to new connections, while open ones go on', async () => {
    const mount = secretMount();
    mount.write(await ca.issue({ commonName: 'first' }));
    const { port, log } = await serve(mount.files);
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: ca.pem });
    cleanUps.push(() => agent.destroy());
    const names = async () => {
      const [response] = await once(request({ host: '127.0.0.1', port, agent, path: '/' }).end(), 'response');
      response.resume();
      await once(response, 'end');
      return (response.socket as TLSSocket).getPeerX509Certificate()?.subject;
    };
    await names();

    mount.write(await ca.issue({ commonName: 'second' }));

    await expect.poll(() => servedName(port)).toBe('CN=second');
    expect(log.entries().at(-1)).toMatchObject({
      msg: 'serving a new certificate',
      certFile: mount.files.certFile,
    });
  });

  it('shows in the metric of its expiry', async () => {
    const mount = secretMount();
    mount.write(await ca.issue());
    const { metrics } = await serve(mount.files);
    const notAfter = new Date(Math.floor(Date.now() / 1000 + 600) * 1000);
    mount.write(await ca.issue({ notAfter }));
    await expect
      .poll(() => metrics.registry.metrics())
      .toContain(`countersign_certificate_expiry_timestamp_seconds ${notAfter.getTime() / 1000}`);
  });

  it.each<[string, () => Promise<TestPair>, RegExp]>([
    [
      'with the key of another',
      async () => ({ ...(await ca.issue()), key: (await ca.issue()).key }),
      /tls\.key: is not the key of/,
    ],
    [
      'cut in half',
      async () => ({ ...(await ca.issue()), cert: (await ca.issue()).cert.slice(0, 200) }),
      /tls\.crt: expected a PEM certificate/,
    ],
    ['empty', async () => ({ cert: '', key: '' }), /tls\.crt: expected a PEM certificate/],
    [
      'that has expired',
      async () => ca.issue({ notAfter: new Date(Date.now() - 1000) }),
      /tls\.crt: has expired$/,
    ],
  ])('%s is not taken: the one before is served, and it is said once', async (_name, make, cause) => {
    const mount = secretMount();
    mount.write(await ca.issue({ commonName: 'first' }));
    const { port, log, metrics } = await serve(mount.files);

    mount.write(await make());
    await expect.poll(() => stale(metrics)).toBe('1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await servedName(port)).toBe('CN=first');
    expect(log.entries()).toMatchObject([{ level: 'error', cause: expect.stringMatching(cause) }]);

    mount.write(await ca.issue({ commonName: 'third' }));
    await expect.poll(() => servedName(port)).toBe('CN=third');
    expect(await stale(metrics)).toBe('0');
  });

  it('that is taken away leaves the one before', async () => {
    const mount = secretMount();
    mount.write(await ca.issue({ commonName: 'first' }));
    const { port, metrics, log } = await serve(mount.files);
    rmSync(mount.files.keyFile);
    await expect.poll(() => stale(metrics)).toBe('1');
    expect(await servedName(port)).toBe('CN=first');
    expect(log.entries()).toMatchObject([{ cause: `${mount.files.keyFile}: cannot be read (ENOENT)` }]);
  });
});

function observed() {
  return { logger: captureLog().logger, metrics: setUpWebhook().metrics };
}

describe('at start', () => {
  it('a certificate that cannot be used is an error that names the file and shows nothing of it', async () => {
    const mount = secretMount();
    mount.write({ cert: 'precious', key: 'precious' });
    const served = serveCertificate({ source: mount.files, ...observed() });
    await expect(served).rejects.toMatchObject({
      code: 'ERR_TLS',
      message: `${mount.files.certFile}: expected a PEM certificate`,
    });
  });

  it('one that has expired is served, with a warning', async () => {
    const mount = secretMount();
    mount.write(await ca.issue({ notAfter: new Date(Date.now() - 1000) }));
    const log = captureLog();
    await serveCertificate({ ...observed(), source: mount.files, logger: log.logger });
    expect(log.entries()).toMatchObject([{ level: 'warn', msg: 'the certificate has expired' }]);
  });

  it('one can be made in memory, for this machine, with the CA that a client needs', async () => {
    const served: ServedCertificate = await serveCertificate({ source: 'self-signed', ...observed() });
    const { app } = setUpWebhook({ tls: served.options });
    const port = await listen(app, { host: '127.0.0.1', port: 0 });
    cleanUps.push(() => app.close());
    for (const servername of ['localhost', '']) {
      const socket = connect({ host: '127.0.0.1', port, ca: served.ca, servername });
      await once(socket, 'secureConnect');
      socket.destroy();
    }
    const { subjectAltName } = new X509Certificate(String(served.options.cert));
    expect(subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });
});
