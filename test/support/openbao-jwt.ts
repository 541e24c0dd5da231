/** Logins without an API server: the jwt method of OpenBao or Vault with keys of the test's own, at the mount `jwt`. */
import { exportSPKI, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
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
  /** What a projected service-account token of shop/api would be, with these further claims; `life` is that of jose. */
  sign(audience?: string | string[], claims?: JWTPayload, life?: string): Promise<string>;
}

export function newKeys(): Promise<GenerateKeyPairResult> {
  return generateKeyPair('ES256');
}

/** `keys`: of a server before, whose tokens are to go on. */
export async function enableJwt(server: VaultServer, keys?: GenerateKeyPairResult): Promise<JwtMount> {
  const { publicKey, privateKey } = keys ?? (await newKeys());
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
    sign(audience = 'vault', claims = {}, life = '10m') {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256' })
        .setSubject(claims.sub ?? 'system:serviceaccount:shop:api')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(life)
        .sign(privateKey);
    },
  };
}
