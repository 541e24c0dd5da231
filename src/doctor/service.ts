import { listOf, objectOf } from '../core/json.ts';
import { unless } from '../kube/refusal.ts';
import { type Check, fail, ok, RELEASE, warn } from './check.ts';
import { calledAt } from './registrations.ts';

interface Asked {
  /** The API server calls a URL, past the Service. */
  readonly byUrl: boolean;
  readonly service: unknown;
  readonly slices: readonly unknown[];
}

/** Does the Service lead to somebody who is ready? */
export const service: Check<Asked> = {
  name: 'service',
  async ask({ client, namespace, registrations }) {
    const { webhooks } = await registrations();
    const byUrl = webhooks.length > 0 && webhooks.every((webhook) => calledAt(webhook).byUrl);
    if (byUrl) return { byUrl, service: undefined, slices: [] };
    const place = encodeURIComponent(namespace);
    const [found, slices] = await Promise.all([
      unless([404], client.get(`/api/v1/namespaces/${place}/services/${RELEASE}`)),
      client.get(`/apis/discovery.k8s.io/v1/namespaces/${place}/endpointslices`, {
        query: { labelSelector: `kubernetes.io/service-name=${RELEASE}` },
      }),
    ]);
    return { byUrl, service: found, slices: listOf(objectOf(slices)['items']) };
  },
  judge({ byUrl, service: found, slices }, { namespace }) {
    if (byUrl) return [ok('the API server calls a URL, past every Service')];
    if (found === undefined) {
      return [
        fail(
          `there is no Service ${namespace}/${RELEASE}`,
          'name the namespace of the release with --namespace, or apply the release again',
        ),
      ];
    }
    const endpoints = slices.flatMap((slice) => listOf(objectOf(slice)['endpoints']).map(objectOf));
    if (endpoints.length === 0) {
      return [
        fail(
          `no pod is behind Service ${namespace}/${RELEASE}`,
          `run three replicas, of which its selector finds the labels: kubectl get deployment,service -n ${namespace} ${RELEASE} -o wide`,
        ),
      ];
    }
    const ready = endpoints.filter(({ conditions }) => objectOf(conditions)['ready'] !== false);
    const count = `${ready.length} of ${endpoints.length} pods are ready behind Service ${namespace}/${RELEASE}`;
    const look = `kubectl get pods -n ${namespace} -l app.kubernetes.io/name=${RELEASE}`;
    if (ready.length === 0) return [fail(count, `see why they are not: ${look}`)];
    if (ready.length === 1) {
      return [warn(`${count}: one is not enough to survive a drain`, `run three replicas; ${look}`)];
    }
    return [ok(count)];
  },
};
