/** What a test of the node tier begins with: a webhook that injects, an OpenBao that knows the cluster, a tenant. */
import { furnish } from './agent-openbao.ts';
import { openShop, trustCluster } from './kubernetes-auth.ts';
import type { TestNode } from './node.ts';
import { type OpenBao, startOpenBao } from './openbao.ts';
import { type Registered, registerWebhook } from './registered.ts';

export interface NodeShop {
  readonly bao: OpenBao;
  readonly registered: Registered;
  /** With Pod Security "restricted", quota and limits; its account `api` logs in as role `api`. */
  readonly namespace: string;
  /** Puts this in the place of what is at `secret/data/shop/db`. */
  store(password: string): Promise<void>;
  stop(): Promise<void>;
}

/** OpenBao has all that `furnish` puts there, and `password` at `secret/data/shop/db`. */
export async function openNodeShop(node: TestNode, password: string): Promise<NodeShop> {
  const bao = await startOpenBao({ tls: true, host: node.address });
  const registered = await registerWebhook(node.cluster, { policies: [], vault: bao });
  const namespace = await node.newRestrictedNamespace();
  const secretOf = (word: string) => ({ username: 'shop', password: word });
  await trustCluster(bao, node.cluster, namespace);
  await openShop(bao, namespace, { secret: secretOf(password) });
  await furnish(bao);
  return {
    bao,
    registered,
    namespace,
    async store(word) {
      await bao.call('POST', 'secret/data/shop/db', { data: secretOf(word) });
    },
    async stop() {
      await registered.stop();
      await bao.stop();
    },
  };
}
