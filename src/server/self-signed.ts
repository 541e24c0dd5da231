import { createAuthority } from './authority.ts';

/** A certificate for this machine, in memory and for this process only: for a laptop, not for a cluster. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
  /** PEM: what `curl --cacert` needs. */
  readonly ca: string;
}

export async function selfSigned(): Promise<SelfSigned> {
  const authority = await createAuthority('countersign (this process)');
  const hosts = ['localhost', '127.0.0.1', '::1'];
  const { certificatePem, keyPem } = await authority.issue({ name: 'localhost', hosts });
  return { cert: certificatePem, key: keyPem, ca: authority.certificatePem };
}
