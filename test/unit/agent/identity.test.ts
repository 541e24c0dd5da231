import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueIdentity } from '../../../src/agent/identity.ts';
import type { AgentIdentity } from '../../../src/core/inject/agent-config.ts';
import {
  failing,
  scriptedVault,
  secret,
  startMilliseconds,
  type TestHost,
  testHost,
} from '../../support/agent.ts';

const now = startMilliseconds / 1000;
const wanted: AgentIdentity = { file: 'id.jwt', role: 'shop', audience: 'billing', scopes: ['read'] };
const claims: JWTPayload = { aud: 'billing', exp: now + 600, iat: now, scope: 'read write' };

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let host: TestHost;
let rsa: Keys;
let other: Keys;

beforeAll(async () => {
  host = await testHost({});
  rsa = await generateKeyPair('RS256');
  other = await generateKeyPair('RS256');
});
afterAll(() => host.remove());

async function sign(payload: JWTPayload, keys = rsa): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(keys.privateKey);
}

async function issue(jwt: unknown, identity = wanted, keys?: object) {
  const set = keys ?? { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'k', use: 'sig', alg: 'RS256' }] };
  const vault = scriptedVault((call) => (call === 'keys' ? set : secret({ token: jwt as string, ttl: 600 })));
  const result = await issueIdentity(host, vault, identity, 'hvs.t');
  return { vault, result };
}

async function refusal(...args: Parameters<typeof issue>): Promise<string> {
  const { result } = await issue(...args);
  if ('value' in result) return 'taken';
  const signature = String(args[0]).split('.')[2] || 'no signature';
  expect(JSON.stringify(result)).not.toContain(signature);
  return result.failures.map(({ kind, where, cause }) => `${kind} ${where}: ${cause}`).join();
}

const at = 'countersign.dev/identity.id.jwt: ';

describe('issueIdentity', () => {
  it('takes a token that is for whom it was asked for, and knows when to ask again', async () => {
    const jwt = await sign(claims);
    const { vault, result } = await issue(jwt);

    expect(result).toEqual({ value: { file: 'id.jwt', jwt, expiresAt: now + 600, dueAt: now + 380 } });
    expect(vault.calls).toEqual(['read identity/oidc/token/shop', 'keys']);
  });

  it.each<[string, JWTPayload, Partial<AgentIdentity>]>([
    ['a list with one audience', { ...claims, aud: ['billing'] }, {}],
    ['scopes as an array', { ...claims, scope: ['write', 'read'] }, {}],
    ['no scope where none is asked for', { aud: 'billing', exp: now + 600 }, { scopes: [] }],
  ])('takes %s', async (_, payload, change) => {
    expect(await refusal(await sign(payload), { ...wanted, ...change })).toBe('taken');
  });

  it('takes any audience where none is asked for', async () => {
    const { audience: _, ...any } = wanted;
    expect(await refusal(await sign({ ...claims, aud: 'x' }), any)).toBe('taken');
  });

  it.each<[string, JWTPayload, string]>([
    ['of another audience', { ...claims, aud: 'shop' }, 'is for shop, and not for billing'],
    [
      'of more audiences',
      { ...claims, aud: ['billing', 'shop'] },
      'is for billing, shop, and not for billing',
    ],
    ['of no audience', { exp: now + 60, scope: 'read' }, 'is for nobody, and not for billing'],
    ['without the scope', { ...claims, scope: 'reader write' }, 'lacks the scope read'],
    ['with a scope of another form', { ...claims, scope: { read: true } }, 'lacks the scope read'],
    [
      'that has ended',
      { ...claims, exp: now - 1 },
      "was not verified by vault's keys (ERR_JWT_EXPIRED, claim exp)",
    ],
    [
      'without an end',
      { aud: 'billing', scope: 'read' },
      "was not verified by vault's keys (ERR_JWT_CLAIM_VALIDATION_FAILED, claim exp)",
    ],
    [
      'that is not valid yet',
      { ...claims, nbf: now + 60 },
      "was not verified by vault's keys (ERR_JWT_CLAIM_VALIDATION_FAILED, claim nbf)",
    ],
  ])('refuses a token %s', async (_, payload, cause) => {
    expect(await refusal(await sign(payload))).toBe(`content ${at}the token of role shop ${cause}`);
  });

  it('refuses a token of another key, an unsigned one and no token at all', async () => {
    const said = `content ${at}the token of role shop was not verified by vault's keys`;
    expect(await refusal(await sign(claims, other))).toBe(`${said} (ERR_JWS_SIGNATURE_VERIFICATION_FAILED)`);
    expect(await refusal(new UnsecuredJWT(claims).encode())).toContain(said);
    expect(await refusal('aaaa.bbbb.cccc')).toContain(said);
    expect(await refusal(await sign(claims), wanted, { keys: [] })).toBe(
      `${said} (ERR_JWKS_NO_MATCHING_KEY)`,
    );
    expect(await refusal(await sign(claims), wanted, {})).toBe(`${said} (ERR_JWKS_INVALID)`);
    expect(await refusal(7)).toBe(`credential ${at}identity/oidc/token/shop: vault has no token there`);
  });

  it('refuses a token that is signed by the public key as a shared secret', async () => {
    const jwk = await exportJWK(rsa.publicKey);
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'k' })
      .sign(Buffer.from(JSON.stringify(jwk)));
    expect(await refusal(jwt)).toContain('(ERR_JOSE_ALG_NOT_ALLOWED)');
  });

  it('keeps the words of a refusal, and may ask again when Vault is away', async () => {
    const error = failing('ERR_VAULT_UNREACHABLE', 'vault at x: away');
    const result = await issueIdentity(
      host,
      scriptedVault(() => error),
      wanted,
      't',
    );
    expect(result).toMatchObject({ failures: [{ kind: 'unreachable', retryable: true }] });
  });
});
