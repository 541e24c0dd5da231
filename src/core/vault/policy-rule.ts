/** One path of a policy: what its keys say together, and what Vault refuses about it. */

import { shown } from '../text.ts';
import { isMap, type Value, type ValueMap } from './hcl-shape.ts';
import { CAPABILITIES, type Capability, type PathRule } from './policy.ts';
import { bindingKeys, durationOf, textsIn } from './policy-keys.ts';
import { isTime } from './policy-numbers.ts';
import { startsWithTemplate } from './template.ts';

/** Words of before there were capabilities. */
const OLD_POLICIES: ReadonlyMap<string, readonly Capability[]> = new Map([
  ['deny', ['deny']],
  ['read', ['read', 'list']],
  ['write', ['create', 'read', 'update', 'delete', 'list']],
  ['sudo', ['create', 'read', 'update', 'delete', 'list', 'sudo']],
]);

/** What OpenBao takes for `controlled_capabilities`; Vault takes those of the path. */
const OPERATIONS: ReadonlySet<string> = new Set(
  'create read update patch delete list scan help alias-lookahead resolve-role revoke renew rollback header'.split(
    ' ',
  ),
);

/** The rule, or why no server takes it. */
export function ruleOf(path: string, values: ValueMap): PathRule | string {
  if (path.includes('+*'))
    return '`+*` is no wildcard: write `+` for one segment, `*` at the end for any rest';
  const written = capabilitiesOf(values);
  if (typeof written === 'string') return written;
  const { capabilities, denied } = written;
  const problem = expirationProblem(values) ?? (denied ? undefined : conditionProblem(values, capabilities));
  if (problem !== undefined) return problem;
  const binding = bindingKeys(values);
  return {
    path: withoutSlash(path),
    capabilities: denied ? ['deny'] : capabilities,
    // Vault looks at nothing else once it has denied; but a denial may have an end.
    constraints: denied ? binding.filter((name) => name === 'expiration') : binding,
  };
}

/** Vault drops one slash in front, after it has filled in templates. */
function withoutSlash(path: string): string {
  return path.startsWith('/') && !startsWithTemplate(path) ? path.slice(1) : path;
}

interface Written {
  readonly capabilities: readonly Capability[];
  readonly denied: boolean;
}

/** As far as a `deny`, after which Vault reads no further. */
function capabilitiesOf(values: ValueMap): Written | string {
  const policy = textOf(values, 'policy');
  const old = policy === '' ? [] : OLD_POLICIES.get(policy);
  if (old === undefined) return `\`policy\`: expected deny, read, write or sudo, not ${shown(policy, 40)}`;
  const words = policy === 'deny' ? old : [...textsIn(values.get('capabilities')), ...old];
  const held = new Set<Capability>();
  for (const word of words) {
    if (!isCapability(word))
      return `unknown capability ${shown(word, 40)}; expected ${CAPABILITIES.join(', ')}`;
    if (word === 'deny') return { capabilities: [], denied: true };
    held.add(word);
  }
  return { capabilities: [...held].toSorted(), denied: false };
}

export function isCapability(word: string): word is Capability {
  return (CAPABILITIES as readonly string[]).includes(word);
}

function textOf(values: ValueMap, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value : '';
}

function expirationProblem(values: ValueMap): string | undefined {
  const text = textOf(values, 'expiration');
  return text === '' || isTime(text)
    ? undefined
    : '`expiration`: expected a time such as 2027-01-31T00:00:00Z';
}

function conditionProblem(values: ValueMap, capabilities: readonly string[]): string | undefined {
  return (
    ttlProblem(values) ??
    controlGroupProblem(values.get('control_group'), capabilities) ??
    filterProblem(values, capabilities)
  );
}

function ttlProblem(values: ValueMap): string | undefined {
  const [min, max] = [durationOf(values.get('min_wrapping_ttl')), durationOf(values.get('max_wrapping_ttl'))];
  if (min === undefined || max === undefined) {
    return `\`${min === undefined ? 'min' : 'max'}_wrapping_ttl\`: expected seconds or a duration such as 90s, 1h, 7d`;
  }
  return min !== 0n && max !== 0n && max < min
    ? '`max_wrapping_ttl` is less than `min_wrapping_ttl`'
    : undefined;
}

function controlGroupProblem(group: Value | undefined, capabilities: readonly string[]): string | undefined {
  if (!isMap(group)) return undefined;
  if (durationOf(group.get('ttl')) === undefined) return '`control_group`: expected a duration as `ttl`';
  const factors = group.get('factor');
  if (!isMap(factors) || factors.size === 0) return '`control_group`: expected a `factor`';
  return [...factors.values()].every((factor) => isMap(factor) && isWhole(factor, capabilities))
    ? undefined
    : '`control_group`: expected an `identity` with groups and `approvals` above 0, and known `controlled_capabilities`';
}

function isWhole(factor: ValueMap, capabilities: readonly string[]): boolean {
  const identity = factor.get('identity');
  if (!isMap(identity)) return false;
  const approvals = identity.get('approvals');
  const groups = [...textsIn(identity.get('group_ids')), ...textsIn(identity.get('group_names'))];
  const controlled = textsIn(factor.get('controlled_capabilities'));
  return (
    typeof approvals === 'bigint' &&
    approvals > 0n &&
    groups.length > 0 &&
    (controlled.every((word) => capabilities.includes(word)) ||
      controlled.every((word) => OPERATIONS.has(word)))
  );
}

/** The filter is a template of Go's, which only the server can try. */
function filterProblem(values: ValueMap, capabilities: readonly string[]): string | undefined {
  const filter = textOf(values, 'list_scan_response_keys_filter_path');
  if (filter === '' || (capabilities.includes('list') && filter.includes('{{'))) return undefined;
  return '`list_scan_response_keys_filter_path`: expected the capability `list` and a template such as {{ .path }}{{ .key }}';
}
