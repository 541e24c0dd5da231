import { printPath } from '../core/field-path.ts';
import { type JsonObject, objectOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { Actions, Policy } from '../core/verdict/policy.ts';
import type { PolicyProblem } from '../core/verdict/policy-source.ts';
import { parsePolicy } from './parse-policy.ts';
import type { PolicyMode } from './scope-policy-status.ts';

/** What there is to say about a ScopePolicy as it is now. */
export interface PolicyStatus {
  /** What counts: the policy as it is, its last valid version, or nothing. */
  readonly state: 'valid' | 'lastValid' | 'none';
  readonly policy: Policy | undefined;
  /** Of the policy as it is. */
  readonly problems: readonly PolicyProblem[];
  /** The spec that counts, as it is written. */
  readonly lastValid: JsonObject | undefined;
  readonly mode: PolicyMode | undefined;
}

/**
 * What counts of a policy is its spec if that is valid, else the `lastValid` of its status, else what counted before: so a
 * slip never opens the gate.
 * @param object a ScopePolicy of any shape.
 * @param previous what was said of it before, by this process.
 */
export function policyStatus(object: unknown, previous?: PolicyStatus): PolicyStatus {
  const { policy, problems } = parsePolicy(object);
  const { spec, status } = objectOf(object);
  if (policy !== undefined) return counting('valid', policy, objectOf(spec), problems);
  const { lastValid } = objectOf(status);
  const earlier = lastValid === undefined ? undefined : parsePolicy({ ...objectOf(object), spec: lastValid });
  if (earlier?.policy !== undefined)
    return counting('lastValid', earlier.policy, objectOf(lastValid), problems);
  if (previous?.policy !== undefined) return { ...previous, state: 'lastValid', problems };
  return { state: 'none', policy: undefined, problems, lastValid: undefined, mode: undefined };
}

function counting(
  state: 'valid' | 'lastValid',
  policy: Policy,
  lastValid: JsonObject,
  problems: readonly PolicyProblem[],
): PolicyStatus {
  return { state, policy, problems, lastValid, mode: modeOf(policy) };
}

/** What a policy can do at worst, at any moment. */
function modeOf({ onChange, onReschedule, onGrant }: Policy): PolicyMode {
  const actions = [onChange, onReschedule, onGrant].flatMap(allActions);
  if (actions.includes('Deny')) return 'Enforce';
  return actions.includes('Warn') ? 'Warn' : 'Silent';
}

function allActions({ excess, ...plain }: Actions): readonly string[] {
  return [...Object.values(plain), ...Object.values(excess)];
}

const MAX_PROBLEMS = 50;
const MAX_MESSAGE = 500;

/** As `status.problems` has them: one with a line is about a scope line of several. */
export function writtenProblems(problems: readonly PolicyProblem[]): readonly {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}[] {
  return problems.slice(0, MAX_PROBLEMS).map(({ path, line, column, message }) => ({
    path: shown(printPath(path)),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    message: shown(message, MAX_MESSAGE),
  }));
}

/** On one line: `spec.allow[0]: line 1, column 12: expected …`. Safe to print. */
export function problemText(problem: PolicyProblem): string {
  const [written] = writtenProblems([problem]);
  const { path = '', line, column, message = '' } = written ?? {};
  const within = line === undefined ? [] : [`line ${line}, column ${column ?? 1}`];
  return [path, ...within, message].filter((part) => part !== '').join(': ');
}
