/** What Vault and OpenBao say (vault/request_handling.go, their kubernetes and jwt auth methods). */
import type { VaultScope } from '../scope/scope.ts';
import { CAPABILITIES, type Capability } from '../vault/policy.ts';
import { printVaultPolicy } from '../vault/print.ts';
import type { Reading, Source } from './explanation.ts';
import { always, type Groups, type Recogniser, type Surroundings, type VaultRequest } from './recogniser.ts';
import { readScopes } from './scopes.ts';
import { loginPlace, VAULT_LOGINS } from './vault-logins.ts';

const source: Source = 'vault';

export const VAULT: readonly Recogniser[] = [
  ...VAULT_LOGINS,
  always('wrapping', ['wrapping token is not valid'], /wrapping token is not valid or does not exist/, {
    source,
    cause: 'WrappingToken',
    fix: [
      'let a new wrapped token be issued: it unwraps once, and only until it ends',
      'if nobody of yours unwrapped it before its end, somebody else did',
    ],
  }),
  always('batch', ['batch tokens cannot'], /batch tokens cannot/, {
    source,
    cause: 'BatchToken',
    fix: ['use a service token (token_type=service of the role)'],
  }),
  always('sealed', ['vault is sealed', 'openbao is sealed'], /(?:Vault|OpenBao) is sealed/i, {
    source,
    status: 503,
    cause: 'VaultSealed',
    fix: ['let its administrators unseal it; nothing else helps'],
  }),
  always(
    'rate',
    ['rate limit quota exceeded', 'lease count quota exceeded'],
    /(?:rate limit|lease count) quota exceeded/,
    {
      source,
      status: 429,
      cause: 'RateLimited',
      fix: ['ask less often, or let the quota be raised (sys/quotas)'],
    },
  ),
  {
    name: 'no-mount',
    literals: ['no handler for route'],
    pattern: /no handler for route "(?<path>[^"\n]{1,500})"/,
    read: ({ path = '' }) => ({
      source,
      status: 404,
      cause: 'NoSuchMount',
      fix: [
        `correct the path ${path} or the namespace; vault secrets list and vault auth list show what is mounted`,
      ],
    }),
  },
  always('nothing', ['no value found at'], /No value found at \S/, {
    source,
    status: 404,
    cause: 'NothingThere',
    fix: [
      'write it first, or correct the path: KV version 2 has data/ behind its mount, and a namespace of its own secrets',
    ],
  }),
  always('unsupported', ['code: 405', 'unsupported operation'], /Code: 405|unsupported operation/, {
    source,
    status: 405,
    cause: 'Unsupported',
    fix: ['use another method or path: vault path-help PATH shows what there is'],
  }),
  always(
    'namespace',
    ['no namespace', 'namespace not found', 'no such namespace'],
    /no namespace|namespace not found|no such namespace/i,
    {
      source,
      cause: 'VaultNamespace',
      fix: ['correct VAULT_NAMESPACE or the header X-Vault-Namespace'],
    },
  ),
  {
    name: 'preflight',
    literals: ['preflight capability check returned 403'],
    pattern:
      /preflight capability check returned 403, please ensure client's policies grant access to path "(?<path>[^"\n]{1,500})"/,
    read: preflight,
  },
  always(
    'no-token',
    ['missing client token', 'invalid token'],
    /missing client token|permission denied\s{1,10}\*? {0,4}invalid token|\* invalid token/,
    {
      source,
      status: 403,
      cause: 'TokenNotBelieved',
      fix: ['log in again: the token is not one that Vault knows, or not of this namespace'],
    },
  ),
  {
    name: 'permission-denied',
    literals: ['permission denied'],
    pattern: /(?<acl>1 error occurred:(?:\s|\\n|\\t){1,8}\* )?permission denied/,
    read: denied,
  },
];

/** For those that no policy allows Vault counts errors; for a token that it does not know it does not. */
function denied(groups: Groups, around: Surroundings): Reading | undefined {
  const { vault, window } = around;
  const isVault =
    vault !== undefined || /"errors":|\* {1,4}permission denied|\bvault\b|openbao/i.test(window);
  if (!isVault) return undefined;
  if (vault !== undefined && /^auth\/[^\s]{1,300}\/login(?:\/|$)/.test(vault.path)) {
    return {
      source,
      status: 403,
      cause: 'LoginRefused',
      fix: [
        `look whether the auth method${loginPlace(vault)} is mounted, and whether the token is one of the cluster that it asks`,
        'let the account that reviews tokens be bound to system:auth-delegator, with a token that still lives',
      ],
    };
  }
  if (groups['acl'] === undefined) {
    return {
      source,
      status: 403,
      cause: 'TokenNotBelieved',
      fix: [
        'log in again: none was sent, or one that has ended, was revoked or used up, or belongs to another namespace',
      ],
    };
  }
  const scope = vault === undefined ? undefined : scopeOf(vault);
  const missing = scope === undefined ? [] : readScopes([scope]);
  return { source, status: 403, cause: 'MissingInVault', missing, fix: policyFor(missing, vault) };
}

const BY_METHOD: Readonly<Partial<Record<string, readonly Capability[]>>> = {
  GET: ['read'],
  HEAD: ['read'],
  PUT: ['create', 'update'],
  POST: ['create', 'update'],
  PATCH: ['patch'],
  DELETE: ['delete'],
  LIST: ['list'],
  SCAN: ['scan'],
};

/** Both servers ask for sudo there (`Paths().Root` of their system backend), as far as people come across them. */
const SUDO =
  /^(?:sys\/(?:raw|seal|rotate|remount|audit|step-down|leases\/revoke-(?:prefix|force)|auth\/.)|auth\/token\/accessors)/;

function scopeOf({ method, path, lists }: VaultRequest): VaultScope | undefined {
  const capabilities = lists ? ['list'] : BY_METHOD[method];
  if (capabilities === undefined) return undefined;
  const written = lists && !path.endsWith('/') ? `${path}/` : path;
  return {
    kind: 'vault',
    capabilities: SUDO.test(path) ? [...capabilities, 'sudo'] : capabilities,
    path: written,
  };
}

/** One that a mount shows to a token that may do anything in it. */
function preflight({ path = '' }: Groups, { vault }: Surroundings): Reading {
  const [mount = '', ...rest] = path.replace(/\/$/u, '').split('/');
  const data = rest.length === 0 ? `${mount}/*` : [mount, 'data', ...rest].join('/');
  const missing = readScopes([{ kind: 'vault', capabilities: ['read'], path: data }]);
  return {
    source,
    status: 403,
    cause: 'MissingInVault',
    missing,
    fix: ['if it is of KV version 2 (else without data/):', ...policyFor(missing, vault)],
  };
}

const KNOWN: ReadonlySet<string> = new Set(CAPABILITIES);

function policyFor(
  missing: readonly { readonly kind: string }[],
  vault: VaultRequest | undefined,
): readonly string[] {
  const where = vault?.namespace === undefined ? '' : ` in namespace ${vault.namespace}`;
  const scopes = missing.filter((scope): scope is VaultScope => scope.kind === 'vault');
  const rules = scopes.map(({ path, capabilities }) => ({
    path,
    capabilities: capabilities.filter((word): word is Capability => KNOWN.has(word)).toSorted(),
    constraints: [],
  }));
  if (rules.length === 0) return ['let a policy of the token allow the path and operation that were refused'];
  return [`let a policy of the token hold${where}:`, ...printVaultPolicy(rules).trimEnd().split('\n')];
}
