/** Logins without an API server: OpenBao's jwt method with keys of the test's own, at the mount `jwt`. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { OpenBao } from './openbao.ts';

export interface JwtMount {
  /** A role that admits audience `vault`. */
  role(
    name: string,
    settings: { readonly policies: readonly string[]; readonly ttl?: string },
  ): Promise<void>;
  /** What a projected service-account token of shop/api would be. */
  sign(): Promise<string>;
}

export async function enableJwt(bao: OpenBao): Promise<JwtMount> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  await bao.call('POST', 'sys/auth/jwt', { type: 'jwt' });
  await bao.call('POST', 'auth/jwt/config', { jwt_validation_pubkeys: [await exportSPKI(publicKey)] });
  return {
    async role(name, { policies, ttl = '10m' }) {
      await bao.call('POST', `auth/jwt/role/${name}`, {
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
        token_policies: policies,
        token_ttl: ttl,
      });
    },
    sign() {
      return new SignJWT({})
        .setProtectedHeader({ alg: 'ES256' })
        .setSubject('system:serviceaccount:shop:api')
        .setAudience('vault')
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey);
    },
  };
}
