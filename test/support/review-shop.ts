/** The cluster of docs/review.md: what its administrator has set up, with the webhook serving, and how it stands. */
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { kindOf, nameOf, rendered } from './chart.ts';
import { NO_VAULT } from './cluster-objects.ts';
import { installCrds } from './crds.ts';
import { registerWebhook } from './registered.ts';

export interface ReviewShop {
  /** Until each `KEY=VALUE` holds: of the one Denial and the one AccessGrant of the shop. */
  readonly until: (conditions: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const SHOP = 'shop';

const GUARDS: readonly string[] = ['countersign-grants', 'countersign-decisions', 'countersign-denials'];
const POLICY = 'manifests/policies/enforce.yaml';
const WAIT_SECONDS = 90;

export async function openReviewShop(
  cluster: ClusterClient,
  setUp: readonly JsonObject[],
): Promise<ReviewShop> {
  const guards = (await rendered()).objects.filter((object) => GUARDS.includes(nameOf(object)));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...guards, ...setUp] });
  await installCrds(cluster);
  await cluster.kubectl(['apply', '-f', 'manifests/rbac.yaml', '-f', POLICY]);
  await cluster.kubectl(['apply', '-f', '-'], { input });
  const registered = await registerWebhook(cluster, { policies: [], vault: NO_VAULT });

  async function statusOf(plural: string): Promise<JsonObject> {
    const { stdout } = await cluster.kubectl(['get', plural, '-n', SHOP, '-o', 'json']);
    const [first, ...others] = listOf(objectOf(JSON.parse(stdout))['items']);
    if (others.length > 0) throw new Error(`more than one of ${plural} in ${SHOP}`);
    return objectOf(objectOf(first)['status']);
  }

  return {
    until: async (conditions) => {
      if (conditions.length === 0) return;
      const end = performance.now() + WAIT_SECONDS * 1000;
      for (;;) {
        const [denial, grant] = await Promise.all([statusOf('denials'), statusOf('accessgrants')]);
        const open = conditions.filter((condition) => !holds(condition, denial, grant));
        if (open.length === 0) return;
        if (performance.now() > end) {
          const found = JSON.stringify({ denial, grant });
          throw new Error(`not ${open.join(', ')} after ${WAIT_SECONDS} s: ${found}`);
        }
        await new Promise((resolve) => void setTimeout(resolve, 500));
      }
    },
    stop: async () => {
      await registered.stop();
      await cluster.kubectl(['delete', '-f', POLICY, '--ignore-not-found']);
      await cluster.kubectl(['delete', 'namespace', SHOP, '--ignore-not-found']);
      for (const guard of guards) await cluster.kubectl(['delete', kindOf(guard), nameOf(guard)]);
    },
  };
}

type Look = (denial: JsonObject, grant: JsonObject) => unknown;

const LOOKS: Readonly<Record<string, Look>> = {
  denial: (denial) => denial['state'],
  refusals: (denial) => denial['count'],
  grant: (_, grant) => grant['state'],
  uses: (_, grant) => grant['uses'],
};

function holds(condition: string, denial: JsonObject, grant: JsonObject): boolean {
  const [key = '', value = ''] = condition.split('=');
  if (key === 'ended') {
    const endedMs = Date.parse(textOf(grant['expiresAt']) ?? '');
    return Date.now() - endedMs >= Number.parseInt(value, 10) * 1000;
  }
  const look = LOOKS[key];
  if (look === undefined)
    throw new Error(`${condition}: expected one of ${Object.keys(LOOKS).join(', ')}, ended`);
  return String(look(denial, grant)) === value;
}
