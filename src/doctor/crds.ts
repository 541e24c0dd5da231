import { listOf, objectOf, textOf } from '../core/json.ts';
import { unless } from '../kube/refusal.ts';
import { type Check, type Finding, fail, ok } from './check.ts';

/** Each with what is lost without it. */
const KINDS: readonly (readonly [name: string, lost: string])[] = [
  ['scopepolicies.countersign.dev', 'no policy is read'],
  ['accessgrants.countersign.dev', 'nothing can be waived'],
  ['accessdecisions.countersign.dev', 'nothing can be approved'],
  ['denials.countersign.dev', 'no denial is recorded'],
];
const VERSION = 'v1alpha1';
const INSTALL = 'kubectl apply --server-side -f manifests/crds';

type Asked = readonly { readonly name: string; readonly lost: string; readonly object: unknown }[];

/** Are our kinds there, in the version that is read? */
export const crds: Check<Asked> = {
  name: 'crds',
  ask: ({ client }) =>
    Promise.all(
      KINDS.map(async ([name, lost]) => {
        const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
        return { name, lost, object: await unless([404], client.get(path)) };
      }),
    ),
  judge: (asked) => asked.map(judged),
};

function judged({ name, lost, object }: Asked[number]): Finding {
  if (object === undefined) return fail(`CRD ${name} is not installed: ${lost}`, INSTALL);
  const { spec, status } = objectOf(object);
  const versions = listOf(objectOf(spec)['versions']).map(objectOf);
  const version = versions.find((one) => one['name'] === VERSION);
  if (version?.['served'] !== true) {
    const served = versions.filter((one) => one['served'] === true).map((one) => textOf(one['name']) ?? '');
    return fail(`CRD ${name} does not serve ${VERSION}, but ${served.join(', ') || 'nothing'}`, INSTALL);
  }
  const established = listOf(objectOf(status)['conditions'])
    .map(objectOf)
    .find((condition) => condition['type'] === 'Established');
  if (established?.['status'] !== 'True') {
    const why = textOf(established?.['message']) ?? 'the API server has not said why';
    return fail(
      `CRD ${name} is not served yet: ${why}`,
      `look at its conditions: kubectl describe crd ${name}`,
    );
  }
  return ok(`CRD ${name} serves ${VERSION}`);
}
