import type { Account } from '../scope/scope.ts';

/** A role of the kubernetes or the jwt auth method, as far as it decides who may log in and what the token then holds. */
export interface AuthRole {
  readonly name: string;
  readonly method: 'kubernetes' | 'jwt';
  readonly binding: KubernetesBinding | JwtBinding;
  /** Without `default`, which is added unless `noDefaultPolicy`. */
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
  /** Seconds; `undefined`: the server's own. */
  readonly ttlSeconds: number | undefined;
  readonly maxTtlSeconds: number | undefined;
  readonly periodSeconds: number | undefined;
  /** How many calls a token of this role is good for; 0: any number. */
  readonly numUses: number;
  /** `batch` tokens can not be renewed or revoked. */
  readonly tokenType: string;
}

export interface KubernetesBinding {
  readonly kind: 'kubernetes';
  /** As the role has them: `*` any; globs where the server takes them. */
  readonly names: readonly string[];
  readonly namespaces: readonly string[];
  /** Label selector in JSON or YAML as the role holds it; empty: none. */
  readonly namespaceSelector: string;
  /** Empty: any audience that the server's TokenReview accepts. */
  readonly audience: string;
  readonly aliasNameSource: 'serviceaccount_uid' | 'serviceaccount_name';
}

export interface JwtBinding {
  readonly kind: 'jwt';
  readonly userClaim: string;
  readonly boundAudiences: readonly string[];
  readonly boundSubject: string;
  /** By claim name (JSON pointer or plain), the accepted values. */
  readonly boundClaims: Readonly<Record<string, readonly string[]>>;
  readonly boundClaimsType: 'string' | 'glob';
  readonly groupsClaim: string;
}

/** Whether the role lets the account in; `unknown` with why where what is known can not say. */
export type Admits =
  | { readonly kind: 'yes'; readonly anyAccount: boolean }
  | { readonly kind: 'no'; readonly why: 'name' | 'namespace' | 'subject' | 'claims' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface AccountLabels {
  readonly account: Account;
  readonly uid: string | undefined;
  /** Of its namespace; `undefined`: not known. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

/** Audiences exclude none: a pod can project any. */
export declare function admits(role: AuthRole, account: AccountLabels): Admits;
