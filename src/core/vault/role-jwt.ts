import { globMatches } from '../glob.ts';
import { shown } from '../text.ts';
import type { AccountLabels, Admits, Excluded, JwtBinding } from './role.ts';
import { type Claim, claimOf, plainClaimOf, subjectOf } from './role-claims.ts';

/**
 * As pathLogin of vault-plugin-auth-jwt decides (path_login.go, claims.go): everything bound must hold, and the claims that
 * become alias, metadata and groups must be there in the right type.
 */
export function jwtAdmits(
  binding: JwtBinding,
  account: AccountLabels,
): 'yes' | Exclude<Admits, { kind: 'yes' }> {
  let open: Check | undefined;
  for (const check of checksOf(binding, account)) {
    if (check.holds === false) return { kind: 'no', why: check.why };
    if (check.holds === undefined) open ??= check;
  }
  if (open === undefined) return 'yes';
  return { kind: 'unknown', why: `it binds the claim ${shown(open.claim ?? '')}, which only the token has` };
}

/** One by one: of thousands of roles most fail at the first. */
function* checksOf(binding: JwtBinding, account: AccountLabels): Generator<Check> {
  const { roleType, boundAudiences, boundSubject, boundClaims, boundClaimsType } = binding;
  yield { why: 'oidc', holds: roleType === 'jwt' };
  yield { why: 'audience', holds: boundAudiences.length > 0 };
  if (boundSubject !== '') yield { why: 'subject', holds: boundSubject === subjectOf(account) };
  for (const [claim, values] of Object.entries(boundClaims)) {
    yield { why: 'claims', holds: claimHolds(claimOf(account, claim), values, boundClaimsType), claim };
  }
  yield { why: 'claims', holds: isText(userClaimOf(binding, account)) };
  for (const claim of Object.keys(binding.claimMappings)) {
    yield { why: 'claims', holds: mayBeMapped(claimOf(account, claim)) };
  }
  if (binding.groupsClaim !== '')
    yield { why: 'claims', holds: isTexts(claimOf(account, binding.groupsClaim)) };
}

/** What becomes the name of the alias. */
export function userClaimOf({ userClaim, userClaimIsPointer }: JwtBinding, account: AccountLabels): Claim {
  return userClaimIsPointer ? claimOf(account, userClaim) : plainClaimOf(account, userClaim);
}

interface Check {
  readonly why: Excluded;
  /** `undefined`: only the token can tell. */
  readonly holds: boolean | undefined;
  readonly claim?: string;
}

function claimHolds(
  claim: Claim,
  values: readonly string[],
  type: JwtBinding['boundClaimsType'],
): boolean | undefined {
  const isGlob = type === 'glob';
  switch (claim.kind) {
    case 'text':
      return values.some((value) => (isGlob ? globMatches(value, claim.text) : value === claim.text));
    case 'someText':
      return (isGlob && values.includes('*')) || undefined;
    case 'anyTexts':
      return values.length > 0;
    case 'number':
      return isGlob ? false : undefined;
    case 'object':
    case 'absent':
      return false;
  }
}

function isText({ kind }: Claim): boolean {
  return kind === 'text' || kind === 'someText';
}

/** One text counts as a list of one. */
function isTexts(claim: Claim): boolean {
  return isText(claim) || claim.kind === 'anyTexts';
}

function mayBeMapped(claim: Claim): boolean {
  return claim.kind === 'absent' || isText(claim);
}
