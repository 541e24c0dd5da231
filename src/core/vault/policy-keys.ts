/**
 * The keys of a path in a policy: what shape each has, and when what it says can make Vault refuse a request, or cut its
 * answer, though the capabilities allow it. Sources: `vault/policy.go` and `AllowOperation` of `vault/acl.go` in Vault 1.19
 * and OpenBao 2.7.
 */

import { isMap, type Shape, type Value, type ValueMap } from './hcl-shape.ts';
import { durationNanoseconds } from './policy-numbers.ts';

interface PathKey {
  readonly shape: Shape;
  /** `undefined`: it is no condition, whatever it says. */
  readonly binds?: (value: Value) => boolean;
}

const TEXT: Shape = { kind: 'text' };
const TEXTS: Shape = { kind: 'list', of: TEXT };
const ANY: Shape = { kind: 'any' };
const WHOLE: Shape = { kind: 'whole' };
const PARAMETERS: Shape = { kind: 'map', of: { kind: 'list', of: ANY } };
const CONTROL_GROUP: Shape = {
  kind: 'fields',
  fields: {
    ttl: ANY,
    factor: {
      kind: 'map',
      of: {
        kind: 'fields',
        fields: {
          identity: { kind: 'fields', fields: { group_ids: TEXTS, group_names: TEXTS, approvals: WHOLE } },
          controlled_capabilities: TEXTS,
        },
      },
    },
  },
};

/** `comment` may say anything, and is not read. */
const PATH_KEYS: Readonly<Record<string, PathKey>> = {
  policy: { shape: TEXT },
  capabilities: { shape: TEXTS },
  // `"*" = […]` alone allows every parameter, whatever stands in the list.
  allowed_parameters: { shape: PARAMETERS, binds: (value) => namesOf(value).some((name) => name !== '*') },
  denied_parameters: { shape: PARAMETERS, binds: (value) => namesOf(value).length > 0 },
  required_parameters: { shape: TEXTS, binds: hasElements },
  min_wrapping_ttl: { shape: ANY, binds: lasts },
  max_wrapping_ttl: { shape: ANY, binds: lasts },
  mfa_methods: { shape: TEXTS, binds: hasElements },
  control_group: { shape: CONTROL_GROUP, binds: () => true },
  subscribe_event_types: { shape: TEXTS, binds: hasElements },
  pagination_limit: { shape: WHOLE, binds: (value) => value !== 0n },
  list_scan_response_keys_filter_path: { shape: TEXT, binds: (value) => value !== '' },
  expiration: { shape: TEXT, binds: (value) => value !== '' },
};

export const PATH_KEY_NAMES: readonly string[] = ['comment', ...Object.keys(PATH_KEYS)];

export const PATH_SHAPE: Shape = {
  kind: 'fields',
  fields: Object.fromEntries(Object.entries(PATH_KEYS).map(([name, { shape }]) => [name, shape])),
};

export const POLICY_SHAPE: Shape = { kind: 'fields', fields: { name: TEXT } };

/** Sorted names of the keys that bind. */
export function bindingKeys(values: ValueMap): readonly string[] {
  return [...values]
    .filter(([name, value]) => PATH_KEYS[name]?.binds?.(value) === true)
    .map(([name]) => name)
    .toSorted();
}

export function textsIn(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}

/** In nanoseconds; a number counts seconds. `undefined`: no duration. */
export function durationOf(value: Value | undefined): bigint | undefined {
  if (value === undefined) return 0n;
  if (typeof value === 'string') return durationNanoseconds(value);
  return typeof value === 'bigint' || typeof value === 'number'
    ? durationNanoseconds(String(typeof value === 'number' ? Math.trunc(value) : value))
    : undefined;
}

function namesOf(value: Value): readonly string[] {
  return isMap(value) ? [...value.keys()] : [];
}

function hasElements(value: Value): boolean {
  return Array.isArray(value) && value.length > 0;
}

function lasts(value: Value): boolean {
  return (durationOf(value) ?? 0n) > 0n;
}
