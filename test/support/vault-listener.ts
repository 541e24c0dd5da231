/** Where a server in dev mode listens, and whom its callers trust. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../scripts/cluster/ports.ts';
import { type Authority, createAuthority } from '../../src/server/authority.ts';

export interface Listener {
  readonly address: string;
  readonly flags: readonly string[];
  /** PEM of the authority of its certificate, which may be made with the server's start; `undefined` without TLS. */
  readonly readCa: () => Promise<string | undefined>;
}

export interface ListenerOptions {
  readonly tls: boolean;
  /** The address it listens at; loopback when absent. */
  readonly host?: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Who signs its certificate at another address than loopback; a new one when absent. */
  readonly authority?: Authority;
}

const loopback = '127.0.0.1';

export async function makeListener(
  dir: string,
  { tls, host, port: wanted, authority }: ListenerOptions,
): Promise<Listener> {
  const port = wanted ?? (await freePort());
  if (tls && host !== undefined) return atHost(dir, host, port, authority);
  return {
    address: `${tls ? 'https' : 'http'}://${host ?? loopback}:${port}`,
    flags: [
      ...(tls ? ['-dev-tls', `-dev-tls-cert-dir=${dir}`] : ['-dev']),
      `-dev-listen-address=${host ?? loopback}:${port}`,
    ],
    readCa: () => (tls ? readFile(join(dir, 'vault-ca.pem'), 'utf8') : Promise.resolve(undefined)),
  };
}

/** Dev mode makes certificates for loopback only: this is a second listener, with one of ours. */
async function atHost(dir: string, host: string, port: number, known?: Authority): Promise<Listener> {
  const authority = known ?? (await createAuthority('vault-authority'));
  const { certificatePem, keyPem } = await authority.issue({ name: 'vault', hosts: [host] });
  const config = join(dir, 'listener.json');
  const certificate = join(dir, 'listener.pem');
  const key = join(dir, 'listener.key');
  const tcp = { address: `${host}:${port}`, tls_cert_file: certificate, tls_key_file: key };
  await Promise.all([
    writeFile(config, JSON.stringify({ listener: [{ tcp }] })),
    writeFile(certificate, certificatePem),
    writeFile(key, keyPem, { mode: 0o600 }),
  ]);
  return {
    address: `https://${host}:${port}`,
    flags: ['-dev', `-dev-listen-address=${loopback}:${await freePort()}`, `-config=${config}`],
    readCa: () => Promise.resolve(authority.certificatePem),
  };
}
