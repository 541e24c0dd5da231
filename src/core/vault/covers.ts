import type { VaultScope } from '../scope/scope.ts';
import type { AclRule, VaultAcl } from './acl.ts';

/** A part of a needed scope that the ACL does not give. */
export interface Withheld {
  /** The capabilities that are withheld on some path under the pattern. */
  readonly scope: VaultScope;
  /** A concrete path under the pattern that is refused. */
  readonly example: string;
  /** The rule that wins there and withholds it; `undefined`: none matches. */
  readonly by: AclRule | undefined;
}

/** What of `need` is not held on every path under its pattern. One entry per capability set and counter-example. */
export declare function withheld(acl: VaultAcl, need: VaultScope): readonly Withheld[];

/** Rules with constraints that win somewhere under the pattern: there a request may still be refused. */
export declare function constrainedUnder(acl: VaultAcl, need: VaultScope): readonly AclRule[];

/** Something the ACL gives that no owner covers. */
export interface Surplus {
  readonly scope: VaultScope;
  readonly rule: AclRule;
}

/**
 * What the ACL gives beyond `owners`, a scope a rule: the rule's pattern with the capabilities that it grants on at least
 * one path where it wins and that no owner's pattern covers whole-for-the-rule.
 */
export declare function surplus(acl: VaultAcl, owners: readonly VaultScope[]): readonly Surplus[];

/** What of `scope` no single one of `owners` covers by its pattern and capabilities (ceilings, grants, `allow`). */
export declare function uncoveredVault(owners: readonly VaultScope[], scope: VaultScope): readonly VaultScope[];
