import { CONTROLLERS, ENFORCE_LABEL, REGISTRATIONS, type WebhookRegistration } from '../api/registration.ts';
import { listOf, objectOf, textOf, textsOf } from '../core/json.ts';
import { type Check, type Finding, fail, type Judging, ok, RELEASE, warn } from './check.ts';
import { calledAt, type RegisteredWebhook, type Registrations } from './registrations.ts';

const INSTALL = 'apply the release again: helm upgrade, or kubectl apply -f manifests/install.yaml';

/** Is each webhook registered as it ships? */
export const registration: Check<Registrations> = {
  name: 'registration',
  ask: ({ registrations }) => registrations(),
  judge(asked, judging) {
    const missing = (['Mutating', 'Validating'] as const).filter((kind) => !asked.kinds.includes(kind));
    return [
      ...missing.map((kind) =>
        fail(`${kind}WebhookConfiguration ${RELEASE} is missing: the API server does not ask us`, INSTALL),
      ),
      ...REGISTRATIONS.filter(({ kind }) => !missing.includes(kind)).map((expected) =>
        judged(expected, asked, judging),
      ),
      ...asked.others.map((other) =>
        fail(
          `${other} registers webhooks of ours as well: a second release`,
          `remove one of the two: kubectl delete ${other}`,
        ),
      ),
    ];
  },
};

function judged(expected: WebhookRegistration, { webhooks }: Registrations, judging: Judging): Finding {
  const { name, kind, failurePolicy } = expected;
  const found = webhooks.find((webhook) => webhook.kind === kind && webhook.name === name);
  if (found === undefined) return fail(`${name} is not registered`, INSTALL);
  if (found.entry['failurePolicy'] !== failurePolicy) {
    const given = textOf(found.entry['failurePolicy']) ?? 'none';
    return fail(
      `${name}: failurePolicy ${given} instead of ${failurePolicy}: ${CONSEQUENCES[failurePolicy]}`,
      INSTALL,
    );
  }
  const differences = DIFFERENCES.flatMap((difference) => difference(found, expected, judging));
  return differences.length === 0
    ? ok(`${name}: ${failurePolicy}, as it ships`)
    : warn(`${name}: ${differences.join('; ')}`, INSTALL);
}

/** Of the other policy than the one that ships. */
const CONSEQUENCES: Readonly<Record<WebhookRegistration['failurePolicy'], string>> = {
  Fail: 'what it refuses gets in whenever it does not answer',
  Ignore: 'what it only advises on waits whenever it does not answer',
};

type Difference = (
  found: RegisteredWebhook,
  expected: WebhookRegistration,
  judging: Judging,
) => readonly string[];

const DIFFERENCES: readonly Difference[] = [
  function timeout({ entry: { timeoutSeconds } }, expected) {
    return timeoutSeconds === expected.timeoutSeconds
      ? []
      : [`timeoutSeconds ${Number(timeoutSeconds)} instead of ${expected.timeoutSeconds}`];
  },
  function sideEffects({ entry: { sideEffects: given } }) {
    return given === 'NoneOnDryRun' ? [] : ['sideEffects are not NoneOnDryRun'];
  },
  function path(found, { endpoint }) {
    const { path: called } = calledAt(found);
    return called.split('/')[1] === endpoint ? [] : [`is called at ${called} instead of /${endpoint}/…`];
  },
  function service(found, _expected, { namespace }) {
    const { byUrl, service: called } = calledAt(found);
    if (byUrl || (called['name'] === RELEASE && called['namespace'] === namespace)) return [];
    return [`calls the Service ${textOf(called['namespace'])}/${textOf(called['name'])}`];
  },
  function conditions({ entry }, { matchConditions }) {
    const given = listOf(entry['matchConditions']).map((item) => textOf(objectOf(item)['expression']) ?? '');
    const lost = matchConditions.filter(({ expression }) => !given.some((one) => isSame(one, expression)));
    const more = given.length - (matchConditions.length - lost.length);
    return [
      ...(lost.length > 0 ? [`without its condition ${lost.map(({ name }) => name).join(', ')}`] : []),
      ...(more > 0 ? [`with ${more} more conditions`] : []),
    ];
  },
  function rules({ entry }, expected) {
    const given = listOf(entry['rules']).map(objectOf);
    const lost = expected.rules.flatMap(({ apiGroups, resources, operations }) =>
      resources.filter((resource) =>
        operations.some(
          (operation) =>
            !given.some(
              (rule) =>
                apiGroups.every((group) => has(rule['apiGroups'], group)) &&
                has(rule['resources'], resource) &&
                has(rule['operations'], operation),
            ),
        ),
      ),
    );
    return lost.length === 0 ? [] : [`does not see every write of ${lost.join(', ')}`];
  },
  function namespaces({ entry }, expected) {
    if (expected.namespaces !== 'Enforced' && expected.namespaces !== 'Advised') return [];
    const selects = JSON.stringify(entry['namespaceSelector'] ?? {}).includes(ENFORCE_LABEL);
    return selects ? [] : [`does not look at the label ${ENFORCE_LABEL} of namespaces`];
  },
];

function has(list: unknown, item: string): boolean {
  const texts = textsOf(list);
  return texts.includes(item) || texts.includes('*');
}

/** White space apart, and whoever the controllers are. */
function isSame(given: string, expected: string): boolean {
  const [before = '', after] = bare(expected).split(CONTROLLERS);
  const text = bare(given);
  if (after === undefined) return text === before;
  return text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length;
}

function bare(expression: string): string {
  return expression.replaceAll(/\s+/g, '');
}
