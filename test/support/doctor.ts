import { CONTROLLER_NAMES, CONTROLLERS, REGISTRATIONS } from '../../src/api/registration.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Finding, Judging } from '../../src/doctor/check.ts';
import type { RegisteredWebhook, Registrations } from '../../src/doctor/registrations.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
export const JUDGING: Judging = { now: NOW, namespace: 'countersign' };

/** What is registered by the chart, with this as every `caBundle`. */
export function registered(
  change: (webhook: RegisteredWebhook) => JsonObject = () => ({}),
  more: Partial<Registrations> = {},
): Registrations {
  const webhooks = REGISTRATIONS.map(({ kind, name, endpoint, matchConditions, ...rest }) => {
    const entry = {
      name,
      clientConfig: {
        service: { namespace: 'countersign', name: 'countersign', path: `/${endpoint}/segment` },
      },
      failurePolicy: rest.failurePolicy,
      timeoutSeconds: rest.timeoutSeconds,
      sideEffects: 'NoneOnDryRun',
      rules: JSON.parse(JSON.stringify(rest.rules)),
      matchConditions: matchConditions.map((condition) => ({
        ...condition,
        expression: condition.expression.replace(CONTROLLERS, JSON.stringify(CONTROLLER_NAMES)),
      })),
      namespaceSelector: { matchLabels: { 'countersign.dev/enforce': 'true' } },
    };
    const webhook = { kind, name, entry };
    return { ...webhook, entry: { ...entry, ...change(webhook) } };
  });
  return { webhooks, kinds: ['Mutating', 'Validating'], others: [], ...more };
}

/** For a table: `state says`. */
export function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ state, says, undetermined }) => `${undetermined ? '?' : ''}${state} ${says}`);
}

/** What is not well says what to do. */
export function withoutFix(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ state, fix = '' }) => state !== 'ok' && fix.length < 10);
}
