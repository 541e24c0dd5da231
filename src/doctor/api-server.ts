import { minorOf } from '../core/inject/nodes.ts';
import { objectOf, textOf } from '../core/json.ts';
import { type Check, fail, ok } from './check.ts';

/** Conditions of webhooks and aggregated discovery are stable since then. */
const OLDEST_MINOR = 30;

/** Does the API server answer, and can it do what is asked of it? */
export const apiServer: Check<string | undefined> = {
  name: 'api-server',
  ask: async ({ client }) =>
    textOf(objectOf(await client.get('/version', { timeoutSeconds: 10 }))['gitVersion']),
  judge(version) {
    if (version === undefined) {
      return [fail('it does not say which version it is', 'look whether the kubeconfig names a Kubernetes')];
    }
    if (minorOf(version) < OLDEST_MINOR) {
      return [
        fail(
          `Kubernetes ${version}`,
          `upgrade the control plane to 1.${OLDEST_MINOR} or later: matchConditions are needed`,
        ),
      ];
    }
    return [ok(`Kubernetes ${version}`)];
  },
};
