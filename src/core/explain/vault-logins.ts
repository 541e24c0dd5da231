/** What the auth methods kubernetes and jwt of Vault and OpenBao say where they say why. */
import type { Source } from './explanation.ts';
import { always, type Recogniser, type VaultRequest } from './recogniser.ts';

const source: Source = 'vault';

/** What a login says when it says why. Tried before the rest: they carry the same code as any refusal. */
export const VAULT_LOGINS: readonly Recogniser[] = [
  always('login-name', ['service account name not authorized'], /service account name not authorized/, {
    source,
    status: 403,
    cause: 'RoleNotBound',
    fix: [
      'add the service account to bound_service_account_names of the role, or log in with the role that names it',
    ],
  }),
  always('login-namespace', ['namespace not authorized'], /namespace not authorized/, {
    source,
    status: 403,
    cause: 'RoleNotBound',
    fix: [
      'add the namespace to bound_service_account_namespaces of the role, or log in with the role that names it',
    ],
  }),
  always(
    'login-uid',
    ['service account unauthorized', 'service account uid'],
    /service account unauthorized|service account uid mismatch/i,
    {
      source,
      status: 403,
      cause: 'AccountGone',
      fix: ['create the pod again, so that it gets a token of the service account as it is now'],
    },
  ),
  always(
    'audience',
    ['invalid audience (aud) claim', 'no audiences bound to the role'],
    /invalid audience \(aud\) claim|no audiences bound to the role/,
    {
      source,
      cause: 'WrongAudience',
      fix: [
        'let the audience of the token and that of the role be the same: audience (kubernetes) or bound_audiences (jwt)',
      ],
    },
  ),
  always('expired', ['invalid expiration time (exp) claim'], /invalid expiration time \(exp\) claim/, {
    source,
    cause: 'TokenExpired',
    fix: ['log in with a fresh token: read the projected file anew before every login'],
  }),
  always(
    'not-yet',
    ['invalid not before (nbf) claim', 'invalid issued at (iat) claim'],
    /invalid not before \(nbf\) claim|invalid issued at \(iat\) claim/,
    {
      source,
      cause: 'TokenNotYetValid',
      fix: ['set the clocks of the issuer and of Vault'],
    },
  ),
  always('issuer', ['invalid issuer (iss) claim'], /invalid issuer \(iss\) claim/, {
    source,
    cause: 'WrongIssuer',
    fix: ['set bound_issuer of the auth method to the issuer of the token'],
  }),
  always('subject', ['invalid subject (sub) claim'], /invalid subject \(sub\) claim/, {
    source,
    cause: 'ClaimMismatch',
    fix: ['set bound_subject of the role to the subject of the token, or log in with another role'],
  }),
  {
    name: 'claim',
    literals: ['error validating claims'],
    pattern: /error validating claims: claim (?<claim>"[^"\n]{1,200}") (?<how>[^\n]{1,200})/,
    read: ({ claim = '', how = '' }) => ({
      source,
      cause: 'ClaimMismatch',
      fix: [`the claim ${claim} of the token ${how}: look at bound_claims of the role`],
    }),
  },
  always('signature', ['error verifying token signature'], /error verifying token signature: no known key/, {
    source,
    cause: 'WrongSignature',
    fix: [
      'give the auth method the keys of the issuer (jwt_validation_pubkeys, jwks_url or oidc_discovery_url)',
    ],
  }),
  always('nonsense', ['error verifying token signature'], /error verifying token signature/, {
    source,
    cause: 'TokenNotBelieved',
    fix: ['send the whole token: three parts with dots between them'],
  }),
  {
    name: 'role',
    literals: ['invalid role name', '" could not be found'],
    pattern: /(?:invalid role name|role) (?<role>"[^"\n]{0,200}")/,
    read: ({ role = '' }, { vault }) => ({
      source,
      cause: 'NoSuchRole',
      fix: [`make the role ${role}, or correct its name or the mount${loginPlace(vault)}`],
    }),
  },
  always('incomplete', ['missing role', 'missing jwt'], /\* missing (?:role|jwt)|"missing (?:role|jwt)"/, {
    source,
    cause: 'LoginIncomplete',
    fix: ['send both role and jwt'],
  }),
];

/** ` at auth/MOUNT`, where it is known. */
export function loginPlace(vault: VaultRequest | undefined): string {
  const mount = vault?.path.match(/^auth\/(?<mount>.{1,200})\/login/)?.groups?.['mount'];
  return mount === undefined ? '' : ` at auth/${mount}`;
}
