/** Logins without an API server: the jwt method of OpenBao or Vault with keys of the test's own, at the mount `jwt`. */
import { exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { VaultServer } from './vault-server.ts';

export interface JwtMount {
  /** A role that admits audience `vault`. */
  role(
    name: string,
    settings: {
      readonly policies: readonly string[];
      readonly ttl?: string;
      readonly maxTtl?: string;
      readonly type?: 'batch' | 'service';
    },
  ): Promise<void>;
  /** What a projected service-account token of shop/api would be, with these further claims. */
  sign(audience?: string | string[], claims?: JWTPayload): Promise<string>;
}

export async function enableJwt(server: VaultServer): Promise<JwtMount> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  await server.call('POST', 'sys/auth/jwt', { type: 'jwt' });
  await server.call('POST', 'auth/jwt/config', { jwt_validation_pubkeys: [await exportSPKI(publicKey)] });
  return {
    async role(name, { policies, ttl = '10m', maxTtl = '0', type = 'service' }) {
      await server.call('POST', `auth/jwt/role/${name}`, {
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
        token_policies: policies,
        token_ttl: ttl,
        token_max_ttl: maxTtl,
        token_type: type,
      });
    },
    sign(audience = 'vault', claims = {}) {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256' })
        .setSubject(claims.sub ?? 'system:serviceaccount:shop:api')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey);
    },
  };
}
