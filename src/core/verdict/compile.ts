import { parseScopes } from '../scope/parse.ts';
import { PRESETS } from '../scope/presets.ts';
import type { Scope } from '../scope/scope.ts';
import {
  type Action,
  type Actions,
  DEFAULT_POLICY,
  type InjectionPolicy,
  type Match,
  type Policy,
} from './policy.ts';

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
  readonly injection?: Partial<InjectionPolicy>;
}

export interface ActionsSpec {
  readonly missing?: Action;
  readonly excess?: Action | Partial<Actions['excess']>;
  readonly forbidden?: Action;
  readonly overreach?: Action;
  readonly undeclared?: Action;
  readonly undetermined?: Action;
}

/** What is wrong, and where: the path of the field, and the line and column within a scope line. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All problems at once; the policy is given only when there is none. */
export function compilePolicy(source: PolicySource): {
  policy: Policy | undefined;
  problems: readonly PolicyProblem[];
} {
  const { spec } = source;
  const problems: PolicyProblem[] = [];
  const lines = (field: 'allow' | 'forbid' | 'ceiling') => parseLines(field, spec[field] ?? [], problems);
  const policy: Policy = {
    name: source.metadata.name,
    priority: spec.priority ?? 0,
    match: matchOf(spec.match, problems),
    onChange: actionsOf(spec.onChange, DEFAULT_POLICY.onChange),
    onReschedule: actionsOf(spec.onReschedule, DEFAULT_POLICY.onReschedule),
    onGrant: actionsOf(spec.onGrant, DEFAULT_POLICY.onGrant),
    sharedAccounts: spec.sharedAccounts ?? DEFAULT_POLICY.sharedAccounts,
    allow: lines('allow'),
    forbid: lines('forbid'),
    ceiling: spec.ceiling === undefined ? undefined : lines('ceiling'),
    injection: injectionOf(spec.injection, problems),
  };
  return problems.length === 0 ? { policy, problems } : { policy: undefined, problems };
}

function actionsOf(spec: ActionsSpec = {}, fallback: Actions): Actions {
  const { excess, ...rest } = spec;
  const one = typeof excess === 'string' ? excess : undefined;
  const perRisk = typeof excess === 'object' ? excess : {};
  const byRisk =
    one === undefined
      ? { ...fallback.excess, ...perRisk }
      : { critical: one, high: one, medium: one, low: one };
  return { ...fallback, ...rest, excess: byRisk };
}

const PRESET = /^preset:(.*)$/u;

function parseLines(field: string, lines: readonly string[], problems: PolicyProblem[]): readonly Scope[] {
  return lines.flatMap((line, index) => {
    const path = ['spec', field, index];
    const preset = PRESET.exec(line)?.[1];
    if (preset === undefined) return parseLine(line, path, problems);
    const expanded = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
    if (expanded !== undefined) return expanded.flatMap((text) => parseLine(text, path, problems));
    problems.push({ path, message: `no preset ${preset}; there are ${Object.keys(PRESETS).join(', ')}` });
    return [];
  });
}

function parseLine(line: string, path: PolicyProblem['path'], problems: PolicyProblem[]): readonly Scope[] {
  const parsed = parseScopes(line);
  for (const { column, message } of parsed.problems) {
    problems.push({ path, message: `column ${column}: ${message}` });
  }
  if (parsed.scopes.length === 0 && parsed.problems.length === 0)
    problems.push({ path, message: 'expected a scope line' });
  return parsed.scopes.map(({ scope }) => scope);
}

function matchOf(match: PolicySpec['match'], problems: PolicyProblem[]): Match {
  for (const [index, pattern] of (match?.serviceAccounts ?? []).entries()) {
    if (/^[^/]+\/[^/]+$/u.test(pattern)) continue;
    const path = ['spec', 'match', 'serviceAccounts', index];
    problems.push({ path, message: `expected NAMESPACE/NAME, as in shop/* or */api` });
  }
  const selector = match?.namespaceSelector;
  return {
    namespaceSelector: selector && {
      matchLabels: selector.matchLabels ?? {},
      matchExpressions: (selector.matchExpressions ?? []).map((item) => ({
        ...item,
        values: item.values ?? [],
      })),
    },
    serviceAccounts: match?.serviceAccounts,
  };
}

function injectionOf(spec: PolicySpec['injection'], problems: PolicyProblem[]): InjectionPolicy {
  for (const [index, pattern] of (spec?.roles ?? []).entries()) {
    const message = ambiguous(pattern);
    if (message !== undefined) problems.push({ path: ['spec', 'injection', 'roles', index], message });
  }
  return { ...DEFAULT_POLICY.injection, ...spec };
}

/** `{namespace}-{serviceAccount}` names the same role for shop-api + prod and shop + api-prod. */
function ambiguous(pattern: string): string | undefined {
  const between = /\{(?:namespace|serviceAccount)\}(.*)\{(?:namespace|serviceAccount)\}/u.exec(pattern)?.[1];
  if (between === undefined || /[^a-z0-9.-]/u.test(between)) return undefined;
  return `ambiguous: ${JSON.stringify(between)} can stand in a name; put a character between that cannot, as in {namespace}_{serviceAccount}`;
}
