import type { Endpoint } from '../../src/admit/handler.ts';
import {
  CONTROLLER_NAMES,
  CONTROLLERS,
  ENFORCE_LABEL,
  REGISTRATIONS,
  type WebhookRegistration,
} from '../../src/api/registration.ts';

/** The registrations of the chart, called by URL. */
export interface RegistrationOptions {
  readonly url: (endpoint: Endpoint) => string;
  readonly caPem: string;
}

export function mutatingRegistration(options: RegistrationOptions): object {
  return configuration('Mutating', options);
}

/** Without the advice: tests are about namespaces that are enforced. */
export function validatingRegistration(options: RegistrationOptions): object {
  return configuration('Validating', options);
}

function configuration(kind: WebhookRegistration['kind'], options: RegistrationOptions): object {
  const registrations = REGISTRATIONS.filter((one) => one.kind === kind && one.namespaces !== 'Advised');
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'countersign' },
    webhooks: registrations.map((registration) => webhook(registration, options)),
  };
}

/** Other test files' namespaces are in the same cluster: only our own are to be rescheduled under our eyes. */
const ENFORCED_ONLY: readonly string[] = ['change.countersign.dev', 'reschedule.countersign.dev'];

function webhook(registration: WebhookRegistration, { url, caPem }: RegistrationOptions): object {
  const { name, endpoint, failurePolicy, timeoutSeconds, rules, matchConditions } = registration;
  return {
    name,
    clientConfig: { url: url(endpoint), caBundle: Buffer.from(caPem).toString('base64') },
    admissionReviewVersions: ['v1'],
    sideEffects: 'NoneOnDryRun',
    failurePolicy,
    timeoutSeconds,
    rules,
    matchConditions: matchConditions.map((condition) => ({
      ...condition,
      expression: condition.expression.replace(CONTROLLERS, JSON.stringify(CONTROLLER_NAMES)),
    })),
    ...(registration.kind === 'Mutating' && { reinvocationPolicy: 'Never' }),
    ...(ENFORCED_ONLY.includes(name) && {
      namespaceSelector: { matchLabels: { [ENFORCE_LABEL]: 'true' } },
    }),
  };
}
