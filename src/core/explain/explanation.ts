import type { Scope } from '../scope/scope.ts';
import type { LeastRole } from '../verdict/fix-roles.ts';
import type { Cause } from './causes.ts';

export type Source =
  | 'kube-apiserver'
  | 'admission'
  | 'countersign'
  | 'vault'
  | 'oauth'
  | 'jwt'
  | 'registry'
  | 'cloud'
  | 'proxy'
  | 'unknown';

/** HTTP's. */
export type Status = 400 | 401 | 403 | 404 | 405 | 422 | 429 | 500 | 503;

/** Who was refused. Text from outside. */
export interface Subject {
  readonly kind: 'User' | 'ServiceAccount' | 'Node' | 'Anonymous';
  /** A user name; of a service account its name alone. */
  readonly name: string;
  readonly namespace?: string;
  readonly groups: readonly string[];
}

/** What a recogniser reads out of a refusal. Nothing in it is safe to print except through `shown`. */
export interface Reading {
  readonly source: Source;
  readonly cause: Cause;
  /** Absent: what the text says elsewhere. */
  readonly status?: Status;
  readonly subject?: Subject | undefined;
  readonly missing?: readonly Scope[];
  /** Scopes of OAuth, which are words of the service that answered. */
  readonly oauthScopes?: readonly string[];
  /** Of Countersign's own refusals. */
  readonly decision?: string;
  /** The smallest change, a line each. */
  readonly fix?: readonly string[];
  /** The text that says so, where that is more than the line that was found. */
  readonly evidence?: readonly string[];
}

/** Every line of it is safe for a terminal, and holds no token. */
export interface Explanation {
  readonly source: Source;
  readonly status: Status | undefined;
  readonly cause: Cause;
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly subject: Subject | undefined;
  readonly missing: readonly Scope[];
  readonly oauthScopes: readonly string[];
  readonly decision: string | undefined;
  readonly fix: readonly string[];
  /** Of a service account: what `fix` gives as objects. */
  readonly roles: readonly LeastRole[];
  readonly collect: readonly string[];
  readonly ask: string;
}
