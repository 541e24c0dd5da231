import { type JsonObject, objectOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';
import { MIRROR_ANNOTATION } from './names.ts';

/** Pods that can't be injected whatever they ask, with the reason. */
export function refusals(spec: JsonObject, annotations: JsonObject): readonly FieldProblem[] {
  return [...windowsProblems(spec), ...otherInjectors(annotations)];
}

/** A static pod's image in the API: the kubelet runs what its file says, so there is nothing to patch. */
export function isMirror(pod: unknown): boolean {
  return Object.hasOwn(objectOf(objectOf(objectOf(pod)['metadata'])['annotations']), MIRROR_ANNOTATION);
}

/** It may come from the kubelet that runs the pod, and from nobody else. */
export function isNode(username: string): boolean {
  return /^system:node:./.test(username);
}

function windowsProblems(spec: JsonObject): readonly FieldProblem[] {
  const selector = objectOf(spec['nodeSelector']);
  const field = ['kubernetes.io/os', 'beta.kubernetes.io/os'].find((label) => selector[label] === 'windows');
  const message =
    'Windows pods get no credentials: their volumes are not kept in memory, and the agent runs on Linux';
  if (objectOf(spec['os'])['name'] === 'windows') return [{ field: 'spec.os.name', message }];
  return field === undefined ? [] : [{ field: `spec.nodeSelector[${field}]`, message }];
}

interface OtherInjector {
  readonly name: string;
  readonly active: (annotations: JsonObject) => string | undefined;
}

/** What Go's strconv.ParseBool takes for false. */
const GO_FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/**
 * Two injectors in one pod log in twice and fight for the same paths. Each is active as it would see itself.
 */
const OTHER_INJECTORS: readonly OtherInjector[] = [
  { name: 'the Vault Agent Injector', active: unlessFalse('vault.hashicorp.com/agent-inject') },
  { name: 'the Bank-Vaults webhook', active: unlessSkipped('vault.security.banzaicloud.io/') },
  {
    name: 'the Bank-Vaults secrets webhook',
    active: unlessSkipped('secrets-webhook.security.bank-vaults.io/'),
  },
];

/** vault-k8s acts when its annotation parses as true, and fails when it does not parse at all. */
function unlessFalse(key: string): OtherInjector['active'] {
  return (annotations) => {
    const value = annotations[key];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' && GO_FALSE.includes(value) ? undefined : key;
  };
}

/** Bank-Vaults acts on what it finds in the pod; its annotations say how, and `mutate: skip` turns it off. */
function unlessSkipped(prefix: string): OtherInjector['active'] {
  return (annotations) => {
    if (annotations[`${prefix}mutate`] === 'skip') return undefined;
    return Object.keys(annotations).find((key) => key.startsWith(prefix));
  };
}

function otherInjectors(annotations: JsonObject): readonly FieldProblem[] {
  return OTHER_INJECTORS.flatMap(({ name, active }) => {
    const key = active(annotations);
    if (key === undefined) return [];
    return [{ field: shown(key), message: `the pod also asks ${name} for credentials; keep one of the two` }];
  });
}
