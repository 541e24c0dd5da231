import { objectOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Rights } from './desk.ts';
import { KINDS } from './read-objects.ts';

const ASKED: Readonly<Record<keyof Rights, { readonly verb: string; readonly kind: keyof typeof KINDS }>> = {
  readDenials: { verb: 'list', kind: 'denial' },
  ask: { verb: 'create', kind: 'grant' },
  decide: { verb: 'create', kind: 'decision' },
  recheck: { verb: 'patch', kind: 'denial' },
};

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** What RBAC lets the viewer do there. */
export async function rightsIn(client: KubeClient, namespace: string): Promise<Rights> {
  const names = Object.keys(ASKED) as readonly (keyof Rights)[];
  const answers = await Promise.all(
    names.map(async (name) => {
      const { verb, kind } = ASKED[name];
      const resourceAttributes = { namespace, verb, group: 'countersign.dev', resource: KINDS[kind].plural };
      const review = await client.post(REVIEWS, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      });
      return [name, objectOf(objectOf(review)['status'])['allowed'] === true] as const;
    }),
  );
  return Object.fromEntries(answers) as Record<keyof Rights, boolean>;
}
