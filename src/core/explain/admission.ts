/** What admission says: plugins of the API server, policies in CEL, webhooks of others. */
import type { Reading, Source } from './explanation.ts';
import { always, type Groups, type Recogniser } from './recogniser.ts';

const source: Source = 'admission';
const status = 403;

export const ADMISSION: readonly Recogniser[] = [
  {
    name: 'pod-security',
    literals: ['violates podsecurity'],
    pattern: /violates PodSecurity "(?<level>[^"\n]{1,60})": (?<what>[^\n]{1,3000})/,
    read: ({ level = '', what = '' }) => ({
      source,
      status,
      cause: 'DeniedByPodSecurity',
      fix: [`change the pod as ${level} wants it:`, ...violations(what).map((one) => `  ${one}`)],
    }),
  },
  {
    name: 'quota',
    literals: ['exceeded quota: '],
    pattern: /exceeded quota: (?<quota>[^,\n]{1,253}), requested: (?<requested>[^\n]{1,500})/,
    read: ({ quota = '', requested = '' }) => ({
      source,
      status,
      cause: 'QuotaExceeded',
      fix: [`free some of ${quota}, or let its owner raise it (requested: ${requested})`],
    }),
  },
  {
    name: 'quota-unset',
    literals: ['failed quota: '],
    pattern: /failed quota: (?<quota>[^:\n]{1,253}): must specify (?<what>[^\n]{1,500})/,
    read: ({ what = '' }) => ({ source, status, cause: 'QuotaUnset', fix: [`set ${what}`] }),
  },
  {
    name: 'limit-range',
    literals: [' usage per ', ' limit to request ratio per '],
    pattern:
      /(?<what>(?:maximum|minimum) [\w./-]{1,100} usage per (?:Container|Pod|PersistentVolumeClaim) is [^\n]{1,200}|[\w./-]{1,100} max limit to request ratio per [^\n]{1,200})/,
    read: ({ what = '' }) => ({
      source,
      status,
      cause: 'LimitRange',
      fix: [`set requests and limits accordingly: ${what}`],
    }),
  },
  always(
    'namespace-ending',
    ['because it is being terminated'],
    /in namespace \S{1,253} because it is being terminated/,
    {
      source,
      status,
      cause: 'NamespaceEnding',
      fix: ['wait until the namespace is gone and make it again, or write to another'],
    },
  ),
  {
    name: 'no-service-account',
    literals: ['error looking up service account'],
    pattern:
      /error looking up service account (?<namespace>[^/\s]{1,253})\/(?<name>[^:\s]{1,253}): serviceaccount "[^"\n]{1,253}" not found/,
    read: ({ namespace = '', name = '' }) => ({
      source,
      status,
      cause: 'ReferenceMissing',
      fix: [`make serviceaccount ${namespace}/${name}, or name another in spec.serviceAccountName`],
    }),
  },
  {
    name: 'no-priority-class',
    literals: ['no priorityclass with name'],
    pattern: /no PriorityClass with name (?<name>\S{1,253}) was found/,
    read: ({ name = '' }) => ({
      source,
      status,
      cause: 'ReferenceMissing',
      fix: [`make PriorityClass ${name}, or name another in spec.priorityClassName`],
    }),
  },
  {
    name: 'policy',
    literals: ["validatingadmissionpolicy '"],
    pattern:
      /ValidatingAdmissionPolicy '(?<policy>[^'\n]{1,253})' with binding '(?<binding>[^'\n]{1,253})' denied request: (?<why>[^\n]{0,1000})/,
    read: policyDenied,
  },
  {
    name: 'webhook-unreachable',
    literals: ['failed calling webhook'],
    pattern: /failed calling webhook "(?<webhook>[^"\n]{1,253})": (?<why>[^\n]{0,500})/,
    read: ({ webhook = '' }) => ({
      source,
      status: 500,
      cause: 'WebhookUnreachable',
      fix: [`bring ${webhook} back: it is not a permission that is missing`],
    }),
  },
  {
    name: 'webhook',
    literals: ['admission webhook "'],
    pattern:
      /admission webhook "(?<webhook>[^"\n]{1,253})" denied the request(?:: (?<why>[^\n]{0,1000})| without explanation)/,
    read: webhookDenied,
  },
];

/** `a != false (container "web" must set x), b != true (…)`: at commas that stand outside of parentheses. */
function violations(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (text[at] !== ',' || depth > 0) continue;
    parts.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return [...parts, text.slice(start).trim()].filter(Boolean);
}

function policyDenied({ policy = '', why = '' }: Groups): Reading {
  return {
    source,
    cause: 'DeniedByPolicy',
    fix: [
      why === ''
        ? `kubectl get validatingadmissionpolicy ${policy} -o yaml says what it wants`
        : `change the object so that policy ${policy} holds: ${why}`,
    ],
  };
}

function webhookDenied({ webhook = '', why = '' }: Groups): Reading {
  return {
    source,
    cause: 'DeniedByWebhook',
    fix:
      why === ''
        ? [
            `ask the owner of ${webhook}: it says nothing (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations)`,
          ]
        : [`change the object as ${webhook} says: ${why}`],
  };
}
