import { DURATION_PATTERN } from '../core/duration.ts';
import { PRESETS } from '../core/scope/presets.ts';
import type { Risk } from '../core/scope/risk-table.ts';
import { PLAIN_CHECKS, RISK_STEPS, RISKS } from '../core/verdict/compile-actions.ts';
import { type Actions, DEFAULT_POLICY } from '../core/verdict/policy.ts';
import {
  ACCOUNT_PATTERN,
  AMBIGUOUS_ROLE_PATTERN,
  DURATION_SECONDS,
  PLACEHOLDERS_PATTERN,
  POLICY_MESSAGES,
  PRESET_PREFIX,
  stricterThanRisk,
} from '../core/verdict/policy-rules.ts';

/**
 * The rules of `core/verdict/compile.ts` that the API server can check as well, in CEL. The differences are tested against
 * a real one; a scope line that can't be read is what only we can tell.
 */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** Where the rule is broken, from where it stands. */
  readonly fieldPath?: string;
}

function matches(pattern: string): string {
  return `self.matches(r'${pattern}')`;
}

const PRESET_NAMES = Object.keys(PRESETS).map((name) => `'${PRESET_PREFIX}${name}'`);

export const ACCOUNT_RULES: readonly CelRule[] = [
  { rule: matches(ACCOUNT_PATTERN), message: POLICY_MESSAGES.account },
];

export const ROLE_RULES: readonly CelRule[] = [
  { rule: `!${matches(AMBIGUOUS_ROLE_PATTERN)}`, message: POLICY_MESSAGES.ambiguousRole },
  { rule: matches(PLACEHOLDERS_PATTERN), message: POLICY_MESSAGES.placeholder },
];

/** On `injection`. */
export const ISSUANCE_RULES: readonly CelRule[] = [
  {
    rule: "!has(self.issuance) || !('Wrapped' in self.issuance) || (has(self.tokenRoles) && self.tokenRoles.size() > 0)",
    message: POLICY_MESSAGES.wrappedWithoutRoles,
  },
];

export const LINE_RULES: readonly CelRule[] = [
  {
    rule: `!self.startsWith('${PRESET_PREFIX}') || self in [${PRESET_NAMES.join(', ')}]`,
    message: POLICY_MESSAGES.preset,
  },
];

export const SELECTOR_RULES: readonly CelRule[] = [
  {
    rule: "(self.operator in ['In', 'NotIn']) == (self.?values.orValue([]).size() > 0)",
    message: POLICY_MESSAGES.selectorValues,
  },
];

const { least, most } = DURATION_SECONDS;

export const DURATION_RULES: readonly CelRule[] = [
  {
    rule: `self != '' && ${matches(DURATION_PATTERN)} && duration(self) >= duration('${least}s') && duration(self) <= duration('${most}s')`,
    message: POLICY_MESSAGES.duration,
  },
];

/** On `excess`: a lower risk is not acted on more strictly than a higher one. */
export function excessRules(defaults: Actions['excess']): readonly CelRule[] {
  return RISK_STEPS.map(([lower, higher]) => ({
    rule: notStricter(
      `self.?${lower}.orValue('${defaults[lower]}')`,
      `self.?${higher}.orValue('${defaults[higher]}')`,
    ),
    message: stricterThanRisk(lower, higher),
  }));
}

/** On `spec`: a reschedule is not more strict than a change, and its own risks are in order. */
export function rescheduleRules(): readonly CelRule[] {
  const fields = [...PLAIN_CHECKS, ...RISKS.map((risk) => `excess.${risk}`)];
  const message = POLICY_MESSAGES.stricterThanChange;
  const moments = fields.map((field) => ({
    rule: notStricter(`self.?onReschedule.${optional(field)}.orValue('Ignore')`, changeAction(field)),
    message,
    fieldPath: `.onReschedule.${field}`,
  }));
  const risks = RISK_STEPS.map(([lower, higher]) => ({
    rule: `!has(self.onReschedule) || !has(self.onReschedule.excess) || (${notStricter(rescheduled(lower), rescheduled(higher))})`,
    message: stricterThanRisk(lower, higher),
    fieldPath: '.onReschedule.excess',
  }));
  return [...moments, ...risks];
}

/** Ignore < Warn < Deny. A list of the three and its `indexOf` would exceed the API server's estimate of costs. */
function notStricter(action: string, limit: string): string {
  return `${action} in ['Ignore', ${limit}] || ${limit} == 'Deny'`;
}

function changeAction(field: string): string {
  return `self.?onChange.${optional(field)}.orValue('Warn')`;
}

/** The default is `Warn`, or what a change meets where that is milder. */
function rescheduled(risk: Risk): string {
  const fallback = `(${changeAction(`excess.${risk}`)} == 'Ignore' ? 'Ignore' : '${DEFAULT_POLICY.onReschedule.excess[risk]}')`;
  return `(has(self.onReschedule.excess.${risk}) ? self.onReschedule.excess.${risk} : ${fallback})`;
}

function optional(field: string): string {
  return field
    .split('.')
    .map((step) => `?${step}`)
    .join('.');
}
