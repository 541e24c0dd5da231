import type { AccountLabels } from './role.ts';

/**
 * What is known, without the token, of a claim of a service account token (kubernetes/pkg/serviceaccount/claims.go). A
 * token of a Secret is none: it has no time in it, so the jwt method refuses it.
 */
export type Claim =
  | { readonly kind: 'text'; readonly text: string }
  /** Text that depends on the cluster, the pod or the token. */
  | { readonly kind: 'someText' }
  /** A list of texts that the pod's author chooses. */
  | { readonly kind: 'anyTexts' }
  | { readonly kind: 'number' }
  | { readonly kind: 'object'; readonly claims: Readonly<Record<string, Claim>> }
  | { readonly kind: 'absent' };

type ClaimObject = Claim & { readonly kind: 'object' };

const ABSENT: Claim = { kind: 'absent' };
const SOME_TEXT: Claim = { kind: 'someText' };
const NUMBER: Claim = { kind: 'number' };
const SOME_OBJECT: Claim = { kind: 'object', claims: { name: SOME_TEXT, uid: SOME_TEXT } };

/** @param claim a name; or a JSON pointer, when it starts with a slash. */
export function claimOf(account: AccountLabels, claim: string): Claim {
  return claim.startsWith('/') ? pointedAt(account, claim) : plainClaimOf(account, claim);
}

/** @param name taken as it is, also when it starts with a slash. */
export function plainClaimOf(account: AccountLabels, name: string): Claim {
  return memberOf(claimsOf(account), name);
}

/** RFC 6901. */
function pointedAt(account: AccountLabels, pointer: string): Claim {
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<Claim>(step, claimsOf(account));
}

function step(at: Claim, name: string): Claim {
  if (at.kind === 'anyTexts') return /^\d+$/.test(name) ? at : ABSENT;
  return at.kind === 'object' ? memberOf(at, name) : ABSENT;
}

function memberOf({ claims }: ClaimObject, name: string): Claim {
  return (Object.hasOwn(claims, name) ? claims[name] : undefined) ?? ABSENT;
}

function known(text: string): Claim {
  return { kind: 'text', text };
}

export function subjectOf({ account: { namespace, name } }: AccountLabels): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Of the accounts that are asked about: a token's claims are the same for thousands of roles. */
const remembered = new WeakMap<AccountLabels, ClaimObject>();

function claimsOf(labels: AccountLabels): ClaimObject {
  const claims = remembered.get(labels) ?? makeClaims(labels);
  remembered.set(labels, claims);
  return claims;
}

function makeClaims(labels: AccountLabels): ClaimObject {
  const { account, uid } = labels;
  const serviceaccount: Claim = {
    kind: 'object',
    claims: { name: known(account.name), uid: uid === undefined ? SOME_TEXT : known(uid) },
  };
  return {
    kind: 'object',
    claims: {
      sub: known(subjectOf(labels)),
      aud: { kind: 'anyTexts' },
      iss: SOME_TEXT,
      jti: SOME_TEXT,
      exp: NUMBER,
      iat: NUMBER,
      nbf: NUMBER,
      'kubernetes.io': {
        kind: 'object',
        claims: {
          namespace: known(account.namespace),
          serviceaccount,
          pod: SOME_OBJECT,
          node: SOME_OBJECT,
          secret: SOME_OBJECT,
          warnafter: NUMBER,
        },
      },
    },
  };
}
