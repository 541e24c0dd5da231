import type { FieldProblem } from '../../../../src/core/inject/annotations.ts';
import { checkInjected } from '../../../../src/core/inject/invariants.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, LOGIN, podWith, SETTINGS } from './fixtures.ts';

export const P = 'countersign.dev/';
export const INIT = 'spec.initContainers[countersign-init]';

/** A pod as tests change it. */
interface Loose {
  metadata: { annotations: Record<string, unknown> };
  spec: {
    volumes: Record<string, unknown>[];
    initContainers: LooseContainer[];
    containers: LooseContainer[];
    [field: string]: unknown;
  };
}

interface LooseContainer {
  env?: object[];
  volumeMounts?: Record<string, unknown>[];
  [field: string]: unknown;
}

export type Change = (pod: Loose, init: LooseContainer, api: LooseContainer) => void;

export const SPEC: JsonObject = {
  initContainers: [{ name: 'migrate', image: 'shop/api:3' }],
  containers: [
    { name: 'api', image: 'shop/api:3', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    { name: 'log', image: 'shop/log:1' },
  ],
};
export const ANNOTATIONS = { ...ASKS, [`${P}containers`]: 'api,migrate' };
export const WHOLE = injected(inputFor(podWith(ANNOTATIONS, SPEC), ANNOTATIONS));

export function changed(change: Change, pod: JsonObject = WHOLE): JsonObject {
  const copy = structuredClone(pod) as unknown as Loose;
  const [init] = copy.spec.initContainers ?? [];
  const [api] = copy.spec.containers;
  change(copy, init ?? {}, api ?? {});
  return copy as unknown as JsonObject;
}

export function check(pod: unknown, settings = SETTINGS, username = 'alice'): readonly FieldProblem[] {
  return checkInjected({
    pod,
    namespace: 'shop',
    account: 'api',
    login: LOGIN,
    username,
    settings,
    nodes: () => [],
  });
}
