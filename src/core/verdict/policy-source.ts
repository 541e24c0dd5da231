import type { Action, Actions, GrantPolicy, InjectionPolicy } from './policy.ts';

/** The written form of a ScopePolicy, its shape already checked against the schema of the kind (`src/api`). */
export interface PolicySource {
  readonly metadata: { readonly name: string };
  readonly spec: PolicySpec;
}

export interface PolicySpec {
  readonly priority?: number;
  readonly match?: {
    readonly namespaceSelector?: {
      readonly matchLabels?: Readonly<Record<string, string>>;
      readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
        readonly values?: readonly string[];
      }[];
    };
    readonly serviceAccounts?: readonly string[];
  };
  readonly onChange?: ActionsSpec;
  readonly onReschedule?: ActionsSpec;
  readonly onGrant?: ActionsSpec;
  readonly sharedAccounts?: 'Union' | 'Exact';
  readonly allow?: readonly string[];
  readonly forbid?: readonly string[];
  readonly ceiling?: readonly string[];
  readonly injection?: Partial<Omit<InjectionPolicy, 'maxTtlSeconds'>> & { readonly maxTTL?: string };
  readonly grants?: {
    readonly maxDuration?: string;
    readonly mayWaive?: GrantPolicy['mayWaive'];
  };
}

export interface ActionsSpec {
  readonly missing?: Action;
  readonly excess?: Partial<Actions['excess']>;
  readonly forbidden?: Action;
  readonly overreach?: Action;
  readonly undeclared?: Action;
  readonly undetermined?: Action;
}

/** What is wrong, and where: the path of the field; the line and column within a scope line, from 1. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}
