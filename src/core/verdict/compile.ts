import { parseDuration } from '../duration.ts';
import { parseScopes } from '../scope/parse.ts';
import { PRESETS } from '../scope/presets.ts';
import type { Scope } from '../scope/scope.ts';
import { compileActions } from './compile-actions.ts';
import { DEFAULT_POLICY, type GrantPolicy, type InjectionPolicy, type Match, type Policy } from './policy.ts';
import {
  ACCOUNT_PATTERN,
  AMBIGUOUS_ROLE_PATTERN,
  DURATION_SECONDS,
  NAME_PATTERN,
  PLACEHOLDERS_PATTERN,
  POLICY_MESSAGES,
  PRESET_PREFIX,
} from './policy-rules.ts';
import type { PolicyProblem, PolicySource, PolicySpec } from './policy-source.ts';

const NAME = new RegExp(NAME_PATTERN, 'u');

/** All problems at once; the policy is given only when there is none. */
export function compilePolicy(source: PolicySource): {
  policy: Policy | undefined;
  problems: readonly PolicyProblem[];
} {
  const { metadata, spec } = source;
  const problems: PolicyProblem[] = [];
  if (!NAME.test(metadata.name)) problems.push({ path: ['metadata', 'name'], message: POLICY_MESSAGES.name });
  const lines = (field: 'allow' | 'forbid' | 'ceiling') => parseLines(field, spec[field] ?? [], problems);
  const policy: Policy = {
    name: metadata.name,
    priority: spec.priority ?? 0,
    match: matchOf(spec.match, problems),
    ...compileActions(spec, problems),
    sharedAccounts: spec.sharedAccounts ?? DEFAULT_POLICY.sharedAccounts,
    allow: lines('allow'),
    forbid: lines('forbid'),
    ceiling: spec.ceiling === undefined ? undefined : lines('ceiling'),
    injection: injectionOf(spec.injection, problems),
    grants: grantsOf(spec.grants, problems),
  };
  return problems.length === 0 ? { policy, problems } : { policy: undefined, problems };
}

function parseLines(field: string, lines: readonly string[], problems: PolicyProblem[]): readonly Scope[] {
  return lines.flatMap((line, index) => {
    const path = ['spec', field, index];
    if (!line.startsWith(PRESET_PREFIX)) return parseLine(line, path, problems);
    const name = line.slice(PRESET_PREFIX.length);
    const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
    if (preset === undefined) problems.push({ path, message: POLICY_MESSAGES.preset });
    return (preset ?? []).flatMap((text) => parseLine(text, path, problems));
  });
}

function parseLine(text: string, path: PolicyProblem['path'], problems: PolicyProblem[]): readonly Scope[] {
  const parsed = parseScopes(text);
  for (const problem of parsed.problems) problems.push({ path, ...problem });
  if (parsed.scopes.length === 0 && parsed.problems.length === 0)
    problems.push({ path, message: 'expected a scope line' });
  return parsed.scopes.map(({ scope }) => scope);
}

const ACCOUNT = new RegExp(ACCOUNT_PATTERN, 'u');

function matchOf(match: PolicySpec['match'], problems: PolicyProblem[]): Match {
  const path = ['spec', 'match'];
  for (const [index, pattern] of (match?.serviceAccounts ?? []).entries()) {
    if (!ACCOUNT.test(pattern))
      problems.push({ path: [...path, 'serviceAccounts', index], message: POLICY_MESSAGES.account });
  }
  const selector = match?.namespaceSelector;
  const expressions = (selector?.matchExpressions ?? []).map((item) => ({
    ...item,
    values: item.values ?? [],
  }));
  for (const [index, { operator, values }] of expressions.entries()) {
    if ((operator === 'In' || operator === 'NotIn') === values.length > 0) continue;
    const at = [...path, 'namespaceSelector', 'matchExpressions', index];
    problems.push({ path: at, message: POLICY_MESSAGES.selectorValues });
  }
  return {
    namespaceSelector: selector && {
      matchLabels: selector.matchLabels ?? {},
      matchExpressions: expressions,
    },
    serviceAccounts: match?.serviceAccounts,
  };
}

const AMBIGUOUS_ROLE = new RegExp(AMBIGUOUS_ROLE_PATTERN, 'u');
const PLACEHOLDERS = new RegExp(PLACEHOLDERS_PATTERN, 'u');

function injectionOf(spec: PolicySpec['injection'], problems: PolicyProblem[]): InjectionPolicy {
  for (const field of ['roles', 'tokenRoles'] as const) {
    for (const [index, pattern] of (spec?.[field] ?? []).entries()) {
      const path = ['spec', 'injection', field, index];
      if (AMBIGUOUS_ROLE.test(pattern)) problems.push({ path, message: POLICY_MESSAGES.ambiguousRole });
      if (!PLACEHOLDERS.test(pattern)) problems.push({ path, message: POLICY_MESSAGES.placeholder });
    }
  }
  if (spec?.issuance?.includes('Wrapped') === true && (spec.tokenRoles ?? []).length === 0) {
    problems.push({ path: ['spec', 'injection'], message: POLICY_MESSAGES.wrappedWithoutRoles });
  }
  const { maxTTL, ...rest } = spec ?? {};
  const maxTtlSeconds = secondsOf(maxTTL, ['spec', 'injection', 'maxTTL'], problems);
  return { ...DEFAULT_POLICY.injection, ...rest, maxTtlSeconds };
}

function secondsOf(
  text: string | undefined,
  path: PolicyProblem['path'],
  problems: PolicyProblem[],
): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text) ?? 0;
  if (seconds < DURATION_SECONDS.least || seconds > DURATION_SECONDS.most)
    problems.push({ path, message: POLICY_MESSAGES.duration });
  return seconds;
}

function grantsOf(spec: PolicySpec['grants'], problems: PolicyProblem[]): GrantPolicy {
  const { grants } = DEFAULT_POLICY;
  const { mayWaive = grants.mayWaive, maxDuration } = spec ?? {};
  const maxDurationSeconds = secondsOf(maxDuration, ['spec', 'grants', 'maxDuration'], problems);
  return { maxDurationSeconds: maxDurationSeconds ?? grants.maxDurationSeconds, mayWaive };
}
