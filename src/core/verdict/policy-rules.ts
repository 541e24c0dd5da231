import { PRESETS } from '../scope/presets.ts';

/**
 * What the shape of a policy can't say. The CustomResourceDefinition says it too, in CEL, with these patterns and these
 * words, so that a policy is refused in the same way by the API server and from a folder. The patterns are RE2's as well.
 */

/** RFC 1123 subdomain, as every object of the cluster without a namespace is named. */
export const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$';

/** `NAMESPACE/NAME`, each with `*` for any run of characters. */
export const ACCOUNT_PATTERN = '^[a-z0-9*-]+/[a-z0-9.*-]+$';

/** Two placeholders with nothing between them that can't stand in a name. */
export const AMBIGUOUS_ROLE_PATTERN =
  '[{](namespace|serviceAccount)[}][a-z0-9.*-]*[{](namespace|serviceAccount)[}]';

/** Braces only as one of the two placeholders. */
export const PLACEHOLDERS_PATTERN = '^([^{}]|[{](namespace|serviceAccount)[}])*$';

export const PRESET_PREFIX = 'preset:';

export const DURATION_SECONDS = { least: 60, most: 2_592_000 } as const;

export const POLICY_MESSAGES = {
  name: 'expected lower-case letters, digits, - and ., as in team-a',
  account: 'expected NAMESPACE/NAME, as in shop/* or */api',
  ambiguousRole:
    'ambiguous: shop + api-prod and shop-api + prod would get the same role; put a character between that no name has, as in {namespace}_{serviceAccount}',
  placeholder: 'expected no placeholder but {namespace} and {serviceAccount}',
  preset: `no such preset; there are ${Object.keys(PRESETS)
    .map((name) => `${PRESET_PREFIX}${name}`)
    .join(', ')}`,
  wrappedWithoutRoles: 'Wrapped needs tokenRoles: the token roles of Vault that pods may be given a token of',
  selectorValues: 'In and NotIn need values, Exists and DoesNotExist take none',
  duration: 'expected a duration from 1m to 720h, as in 24h or 1h30m',
  stricterThanChange:
    'stricter than onChange: what a person may apply, a controller must be able to start again',
} as const;

/** @param lower is acted on more strictly than `higher`. */
export function stricterThanRisk(lower: string, higher: string): string {
  return `${lower} is acted on more strictly than ${higher}, which is worse; a risk that is not named keeps its default`;
}
