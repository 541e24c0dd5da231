import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createKubeClient } from '../../../src/kube/client.ts';
import { loadKubeAccess } from '../../../src/kube/config.ts';
import { type SelfSigned, selfSigned } from '../../../src/server/self-signed.ts';
import { createManualClock } from './manual-clock.ts';

let folder: string;
let pki: SelfSigned;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-kubeconfig-'));
  pki = await selfSigned();
  server = createServer(
    { cert: pki.cert, key: pki.key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      const { authorization = null } = request.headers;
      const impersonated = request.headers['impersonate-user'] ?? null;
      response.end(JSON.stringify({ authorization, impersonated, certificate: subject?.CN ?? null }));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function written(text: string): Promise<string> {
  const file = join(folder, `${Math.random()}.yaml`);
  await writeFile(file, text);
  return file;
}

function kubeconfig(user: object, cluster: object = {}): Promise<string> {
  return written(
    stringify({
      clusters: [
        { name: 'c', cluster: { server: url, 'certificate-authority-data': base64(pki.ca), ...cluster } },
      ],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
}

async function whoami(file: string): Promise<unknown> {
  return createKubeClient(await loadKubeAccess({ kubeconfig: file })).get('/whoami');
}

const NOBODY = { authorization: null, impersonated: null, certificate: null };

describe('loadKubeAccess', () => {
  it('names server and context', async () => {
    const access = await loadKubeAccess({ kubeconfig: await kubeconfig({ token: 't' }) });

    expect(access).toMatchObject({ server: new URL(url), context: 'x', namespace: undefined });
  });

  it('names the namespace of the context', async () => {
    const config = parse(await readFile(await kubeconfig({ token: 't' }), 'utf8'));
    config.contexts[0].context.namespace = 'shop';

    const access = await loadKubeAccess({ kubeconfig: await written(stringify(config)) });

    expect(access.namespace).toBe('shop');
  });

  it('sends a token', async () => {
    expect(await whoami(await kubeconfig({ token: 't' }))).toEqual({ ...NOBODY, authorization: 'Bearer t' });
  });

  it('sends the token of a file, without its line end', async () => {
    const tokenFile = await written('from-file\n');
    const provider = { name: 'tokenFile', config: { tokenFile } };

    expect(await whoami(await kubeconfig({ 'auth-provider': provider }))).toEqual({
      ...NOBODY,
      authorization: 'Bearer from-file',
    });
  });

  it('sends user and password', async () => {
    expect(await whoami(await kubeconfig({ username: 'jane', password: 'p' }))).toEqual({
      ...NOBODY,
      authorization: `Basic ${base64('jane:p')}`,
    });
  });

  it('shows a client certificate', async () => {
    const user = { 'client-certificate-data': base64(pki.cert), 'client-key-data': base64(pki.key) };

    expect(await whoami(await kubeconfig(user))).toEqual({ ...NOBODY, certificate: 'localhost' });
  });

  it('asks an exec plugin', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'e' },
    };
    const exec = { command: 'printf', args: ['%s', JSON.stringify(credential)] };

    expect(await whoami(await kubeconfig({ exec }))).toEqual({ ...NOBODY, authorization: 'Bearer e' });
  });

  it('impersonates', async () => {
    expect(await whoami(await kubeconfig({ token: 't', as: 'jane' }))).toMatchObject({
      impersonated: 'jane',
    });
  });

  it('does not believe a server that the CA does not know', async () => {
    const other = await selfSigned();
    const file = await kubeconfig({ token: 't' }, { 'certificate-authority-data': base64(other.ca) });

    await expect(whoami(file)).rejects.toMatchObject({ code: 'ERR_KUBE_UNREACHABLE' });
  });

  it('does not verify where the kubeconfig says so', async () => {
    const insecure = { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true };

    expect(await whoami(await kubeconfig({ token: 't' }, insecure))).toMatchObject({
      authorization: 'Bearer t',
    });
  });

  it('keeps its connections, also when it has looked at its credentials again', async () => {
    const clock = createManualClock();
    const access = await loadKubeAccess({ kubeconfig: await kubeconfig({ token: 't' }) }, clock);
    let connections = 0;
    server.on('secureConnection', () => {
      connections += 1;
    });
    const client = createKubeClient(access);
    for (let call = 0; call < 3; call += 1) {
      await client.get('/whoami');
      clock.advance(10_000);
    }

    expect(connections).toBe(1);
  });

  it('asks a plugin once for all who ask at the same time, and again later', async () => {
    const clock = createManualClock();
    const calls = await written('');
    const credential = JSON.stringify({
      status: { token: 'e', expirationTimestamp: '2020-01-01T00:00:00Z' },
    });
    const exec = { command: 'sh', args: ['-c', `echo >> ${calls}; echo '${credential}'`] };
    const access = await loadKubeAccess({ kubeconfig: await kubeconfig({ exec }) }, clock);

    await Promise.all([access.connect(), access.connect(), access.connect()]);
    expect(await readFile(calls, 'utf8')).toBe('\n');
    clock.advance(10_000);
    await access.connect();
    expect(await readFile(calls, 'utf8')).toBe('\n\n');
  });

  it('takes a new connection when its CA changes', async () => {
    const clock = createManualClock();
    const other = await selfSigned();
    const caFile = await written(other.ca);
    const ca = { 'certificate-authority-data': undefined, 'certificate-authority': caFile };
    const client = createKubeClient(
      await loadKubeAccess({ kubeconfig: await kubeconfig({ token: 't' }, ca) }, clock),
    );
    await expect(client.get('/whoami')).rejects.toMatchObject({ code: 'ERR_KUBE_UNREACHABLE' });

    await writeFile(caFile, pki.ca);
    clock.advance(10_000);

    expect(await client.get('/whoami')).toMatchObject({ authorization: 'Bearer t' });
  });

  it.each([
    [
      'a plugin that is not there',
      { exec: { command: '/no/such/plugin' } },
      'the credential plugin /no/such/plugin',
    ],
    [
      'a plugin that fails',
      { exec: { command: 'sh', args: ['-c', 'echo secret-token >&2; exit 1'] } },
      'the credential plugin sh',
    ],
    [
      'a token file that is not there',
      { 'auth-provider': { name: 'f', config: { tokenFile: '/no/such/file' } } },
      'the credentials of the kubeconfig',
    ],
  ])('names %s, and no more', async (_case, user, what) => {
    const error: unknown = await whoami(await kubeconfig(user)).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'ERR_CONFIG' });
    expect(error).toHaveProperty('message', expect.stringContaining(`${what} can't be used`));
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
  });

  it.each([
    ['users: [{name: u, user: {token: secret-token}}', 'is not YAML'],
    ['', 'is not a kubeconfig'],
    ['clusters: [{name: c}]', 'is not a kubeconfig'],
    ['clusters: []\ncontexts: []', 'has no context "" with a cluster: expected one of none'],
    [
      'contexts: [{name: x, context: {cluster: gone, user: u}}]\ncurrent-context: x',
      'has no context "x" with a cluster: expected one of x',
    ],
    [
      'clusters: [{name: c, cluster: {server: "ftp://x"}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x',
      'server: expected https://HOST[:PORT], found ftp://x',
    ],
    [
      'clusters: [{name: c, cluster: {server: "http://x"}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x',
      'server: expected https://HOST[:PORT], found http://x',
    ],
  ])('says what is wrong with %j', async (text, what) => {
    const file = await written(text);

    const error: unknown = await loadKubeAccess({ kubeconfig: file }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'ERR_CONFIG' });
    const { message } = error as Error;
    expect(message).toContain(what);
    expect(message).toContain(file);
    expect(message).not.toContain('secret-token');
  });

  it('says so when there is no such file', async () => {
    await expect(loadKubeAccess({ kubeconfig: '/no/such/file' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: "/no/such/file can't be read (ENOENT)",
    });
  });

  it('names the contexts there are when another is asked for', async () => {
    const file = await kubeconfig({ token: 't' });

    await expect(loadKubeAccess({ kubeconfig: file, context: 'prod' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `${file} has no context "prod" with a cluster: expected one of x`,
    });
  });
});
