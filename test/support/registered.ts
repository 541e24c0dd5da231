import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { mutatingRegistration, validatingRegistration } from './registration.ts';
import { type ServingOptions, type ServingWebhook, serveCluster } from './serving.ts';

/** The webhook serving a real cluster, registered with its API server. */
export interface Registered {
  readonly webhook: ServingWebhook;
  /** Takes the mutating webhook away, as an outage would, for as long as `during` runs. */
  withoutInject<T>(during: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function registerWebhook(cluster: ClusterClient, options: ServingOptions): Promise<Registered> {
  const webhook = await serveCluster(cluster, options);
  const mutating = mutatingRegistration(webhook);
  const apply = async (...objects: object[]) => {
    await cluster.kubectl(['apply', '-f', '-'], {
      input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    });
  };
  await apply(mutating, validatingRegistration(webhook));
  await settled();
  return {
    webhook,
    async withoutInject(during) {
      await cluster.kubectl(['delete', 'mutatingwebhookconfiguration', 'countersign']);
      await settled();
      try {
        return await during();
      } finally {
        await apply(mutating);
        await settled();
      }
    },
    async stop() {
      await cluster.kubectl([
        'delete',
        'mutatingwebhookconfiguration,validatingwebhookconfiguration',
        'countersign',
      ]);
      await webhook.stop();
    },
  };
}

/** The API server takes up a changed registration within a second or so, and does not say when. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 1500));
}
