/**
 * Signed tokens of Vault's identity engine. Whoever gets one trusts it for what it says, so it is verified
 * before it is written: by Vault's own keys, for the audience and the scopes that were asked for.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { AgentIdentity } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { type JsonObject, textsOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { VaultClient } from '../vault/client.ts';
import { type Attempt, failureOf, final } from './failure.ts';
import type { AgentHost } from './host.ts';
import { secondsNow, type Term, termOf } from './term.ts';

export interface Issued extends Term {
  readonly file: string;
  readonly jwt: string;
}

/** What keys of the identity engine can be (identity/oidc/key, `algorithm`). */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

export async function issueIdentity(
  host: AgentHost,
  vault: VaultClient,
  identity: AgentIdentity,
  token: string,
): Promise<Attempt<Issued>> {
  const where = `${PREFIX}identity.${identity.file}`;
  try {
    const path = `identity/oidc/token/${identity.role}`;
    const jwt = (await vault.read(path, token, host.signal)).data?.['token'];
    if (typeof jwt !== 'string') {
      return { failures: [final('credential', where, `${shown(path)}: vault has no token there`)] };
    }
    const keys = await vault.identityKeys(host.signal);
    const verdict = await verify(jwt, keys, identity, host.now());
    if (typeof verdict === 'string') return { failures: [final('content', where, verdict)] };
    return {
      value: { file: identity.file, jwt, ...termOf(host, verdict.expiresAt - secondsNow(host)) },
    };
  } catch (error) {
    return { failures: [failureOf(error, where, 'credential')] };
  }
}

/** When it ends, in seconds since 1970; or what is wrong with it. The token itself is in no sentence. */
async function verify(
  jwt: string,
  keys: JsonObject,
  { role, audience, scopes }: AgentIdentity,
  nowMilliseconds: number,
): Promise<{ readonly expiresAt: number } | string> {
  const name = `the token of role ${shown(role, 100)}`;
  let payload: JWTPayload;
  try {
    const set = createLocalJWKSet(keys as unknown as JSONWebKeySet);
    ({ payload } = await jwtVerify(jwt, set, {
      algorithms,
      currentDate: new Date(nowMilliseconds),
      requiredClaims: ['exp'],
    }));
  } catch (error) {
    // The code says which check it was, and nothing of the token.
    return `${name} was not verified by vault's keys (${codeOf(error)})`;
  }
  const audiences = [payload.aud ?? []].flat();
  if (audience !== undefined && !(audiences.length > 0 && audiences.every((one) => one === audience))) {
    return `${name} is for ${shown(audiences.join(', ') || 'nobody', 200)}, and not for ${shown(audience)}`;
  }
  const held = scopesOf(payload['scope']);
  const missing = scopes.filter((scope) => !held.includes(scope));
  if (missing.length > 0) return `${name} lacks the scope ${shown(missing.join(', '), 200)}`;
  return { expiresAt: payload.exp ?? 0 };
}

/** RFC 8693 §4.2: a list with spaces between; others write it as an array. */
function scopesOf(claim: unknown): readonly string[] {
  return typeof claim === 'string' ? claim.split(' ') : textsOf(claim);
}

function codeOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    return `${error.code}, claim ${shown(error.claim, 40)}`;
  }
  return error instanceof errors.JOSEError ? error.code : 'unknown form';
}
