import { X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority } from '../../../src/server/authority.ts';

let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority('test');
});

describe('an issued certificate', () => {
  it('chains to its authority, and to no other of the same name', async () => {
    const { certificatePem } = await authority.issue({ name: 'admin', organization: 'system:masters' });
    const certificate = new X509Certificate(certificatePem);
    const other = await createAuthority('test');
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(other.certificatePem).publicKey)).toBe(false);
    expect(certificate.subject).toBe('CN=admin\nO=system:masters');
    expect(certificate.ca).toBe(false);
  });

  it.each(['localhost', '127.0.0.1'])('serves %s to a client that shows its own', async (host) => {
    const server = await authority.issue({ name: 'server', hosts: [host] });
    const client = await authority.issue({ name: 'client' });
    const trust = { ca: authority.certificatePem, agent: false };
    const listening = createServer(
      { ...trust, cert: server.certificatePem, key: server.keyPem, requestCert: true },
      (_, response) => void response.end('hello'),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => listening.once('listening', resolve));
    const address = listening.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const identity = { cert: client.certificatePem, key: client.keyPem };
    const status = await new Promise((resolve, reject) => {
      const options = { ...trust, ...identity, host, port };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    listening.close();
    expect(status).toBe(200);
  });
});
