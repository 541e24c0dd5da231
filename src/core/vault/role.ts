import type { LabelSelector, Labels } from '../labels.ts';
import type { Account } from '../scope/scope.ts';
import { jwtAdmits } from './role-jwt.ts';
import { kubernetesAdmits } from './role-kubernetes.ts';

/** A role of the kubernetes or the jwt auth method, as far as it decides who may log in and what the token then holds. */
export interface AuthRole {
  /** As Vault keeps it: in lower case. */
  readonly name: string;
  readonly method: AuthMethod;
  readonly binding: KubernetesBinding | JwtBinding;
  /** As Vault takes them: in lower case, each once; without `default`, which is added unless `noDefaultPolicy`. */
  readonly policies: readonly string[];
  /** OpenBao's `token_policies_template_claims`: the names are templates of the token's claims. */
  readonly policiesAreTemplates: boolean;
  readonly noDefaultPolicy: boolean;
  /** Seconds; `undefined`: the server's own. */
  readonly ttlSeconds: number | undefined;
  readonly maxTtlSeconds: number | undefined;
  /** Even of tokens with a period, which are renewed for ever otherwise. */
  readonly explicitMaxTtlSeconds: number | undefined;
  readonly periodSeconds: number | undefined;
  /** How many calls a token of this role is good for; 0: any number. */
  readonly numUses: number;
  /** `batch` tokens can not be renewed or revoked. */
  readonly tokenType: string;
}

export type AuthMethod = 'kubernetes' | 'jwt';

export interface KubernetesBinding {
  readonly kind: 'kubernetes';
  /** Globs: `*` is any text, anywhere in it. */
  readonly names: readonly string[];
  readonly namespaces: readonly string[];
  /** Beside the namespaces: one of both is enough. `unreadable`: one that Vault would not have taken. */
  readonly namespaceSelector: LabelSelector | 'none' | 'unreadable';
  /** Empty: any audience that the server's TokenReview accepts. */
  readonly audience: string;
  readonly aliasNameSource: 'serviceaccount_uid' | 'serviceaccount_name';
}

export interface JwtBinding {
  readonly kind: 'jwt';
  /** `oidc` roles are for people with a browser: no token logs in by them. */
  readonly roleType: 'jwt' | 'oidc';
  readonly userClaim: string;
  /** The user claim may be a JSON pointer; claims of the bindings always may. */
  readonly userClaimIsPointer: boolean;
  readonly boundAudiences: readonly string[];
  /** Empty: none. */
  readonly boundSubject: string;
  /** By claim name (JSON pointer or plain), the accepted values; those that are no strings are left out. */
  readonly boundClaims: Readonly<Record<string, readonly string[]>>;
  readonly boundClaimsType: 'string' | 'glob';
  /** Empty: none. */
  readonly groupsClaim: string;
  /** Claim → key in the metadata of the alias. */
  readonly claimMappings: Readonly<Record<string, string>>;
}

/** Whether the role lets the account in; `unknown` with why where what is known can not say. */
export type Admits =
  | { readonly kind: 'yes'; readonly anyAccount: boolean }
  | { readonly kind: 'no'; readonly why: Excluded }
  | { readonly kind: 'unknown'; readonly why: string };

/** `audience`: none is bound, and a token of Kubernetes always has one. `root`: no login may give that policy. */
export type Excluded = 'name' | 'namespace' | 'subject' | 'claims' | 'audience' | 'root' | 'oidc';

export interface AccountLabels {
  readonly account: Account;
  /** `undefined`: the account is not there yet. */
  readonly uid: string | undefined;
  /** Of its namespace; `undefined`: not known. */
  readonly namespaceLabels: Labels | undefined;
}

/** No name that Kubernetes takes, so only what binds nothing admits it. */
const NOBODY: AccountLabels = {
  account: { namespace: '\u0001', name: '\u0002' },
  uid: '\u0003',
  namespaceLabels: {},
};

/** Audiences exclude none: a pod can project any. */
export function admits(role: AuthRole, account: AccountLabels): Admits {
  if (role.policies.includes('root')) return { kind: 'no', why: 'root' };
  const admitted = admission(role, account);
  if (admitted !== 'yes') return admitted;
  return { kind: 'yes', anyAccount: admission(role, NOBODY) === 'yes' };
}

function admission({ binding }: AuthRole, account: AccountLabels): 'yes' | Exclude<Admits, { kind: 'yes' }> {
  switch (binding.kind) {
    case 'kubernetes':
      return kubernetesAdmits(binding, account);
    case 'jwt':
      return jwtAdmits(binding, account);
  }
}

/** What a token of the role holds before its entity adds to it, sorted. */
export function effectivePolicies({ policies, noDefaultPolicy }: AuthRole): readonly string[] {
  return [...new Set(noDefaultPolicy ? policies : [...policies, 'default'])].toSorted();
}
