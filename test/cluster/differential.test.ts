import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { sharedCluster } from '../support/cluster.ts';
import { compareBatch, type Outcome, shrink } from '../support/differential/compare.ts';
import { anyDrawnWorld } from '../support/differential/worlds.ts';

const cluster = sharedCluster();
const WORLDS = Number(process.env['COUNTERSIGN_WORLDS'] ?? 500);
const BATCH = 100;
const SEED = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 2 ** 31);

let client: KubeClient;
beforeAll(async () => {
  client = createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }));
});

it(`${WORLDS} random worlds: the evaluator answers as the API server's SubjectAccessReview does`, {
  timeout: 1_800_000,
}, async () => {
  console.log(`differential: ${WORLDS} worlds, seed ${SEED} (COUNTERSIGN_SEED=${SEED} repeats it)`);
  const worlds = fc.sample(anyDrawnWorld, { numRuns: WORLDS, seed: SEED });
  const total = { asked: 0, allowed: 0 };
  for (let at = 0; at < worlds.length; at += BATCH) {
    const prefix = `d${SEED.toString(36)}-${at / BATCH}`;
    const outcome = await compareBatch(client, worlds.slice(at, at + BATCH), prefix);
    total.asked += outcome.asked;
    total.allowed += outcome.allowed;
    expect(await smallest(outcome, prefix)).toBeUndefined();
  }
  console.log(`differential: ${total.asked} questions, ${total.allowed} allowed, no disagreement`);

  expect(total.allowed).toBeGreaterThan(total.asked / 20);
});

/** The first disagreement, made as small as it gets, as text to read. */
async function smallest({ disagreements }: Outcome, prefix: string): Promise<string | undefined> {
  const [first] = disagreements;
  if (first === undefined) return undefined;
  const { world, question, server } = await shrink(client, first, prefix);
  return JSON.stringify(
    { disagreements: disagreements.length, seed: SEED, server, question, objects: world.objects },
    null,
    2,
  );
}
