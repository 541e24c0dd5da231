import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { admissionOn, ask, type Reviewed, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { allowMinting, type MintingServer, startMinting } from '../../support/minting.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt } from '../../support/openbao-jwt.ts';
import { workloadObject } from '../../support/workload.ts';

const EACH = 500;
const WRAP_SECONDS = 2;

let bao: OpenBao;
let minting: MintingServer;

beforeAll(async () => {
  bao = await startOpenBao({ tls: false });
  await allowMinting(bao);
  minting = await startMinting(bao, await enableJwt(bao), { wrapTtlSeconds: WRAP_SECONDS });
  // The first one logs Countersign in.
  await admit(pod({}), false);
}, 120_000);
afterAll(async () => {
  await minting?.stop();
  await bao?.stop();
});

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'p' },
  spec: {
    onChange: { missing: 'Deny' },
    injection: { issuance: ['Wrapped', 'Login'], tokenRoles: ['wrapped_{namespace}_{serviceAccount}'] },
  },
};
const world = worldOf(ACCOUNT, POLICY);

function pod(annotations: JsonObject): JsonObject {
  return workloadObject({
    kind: 'Pod',
    annotations: {
      'countersign.dev/inject': 'true',
      'countersign.dev/needs': '',
      'countersign.dev/token': 'file',
      ...annotations,
    },
  });
}

async function admit(object: JsonObject, dryRun: boolean): Promise<JsonObject> {
  const review: Reviewed = { object, dryRun };
  return responseOf(await ask(admissionOn(world, { minter: minting.minter }), 'inject', reviewOf(review)));
}

async function living(): Promise<number> {
  return (await minting.accessors()).length;
}

/** Our own and the root token are always there. */
async function drained(seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end && (await living()) > 2) {
    await new Promise((resolve) => void setTimeout(resolve, 500));
  }
}

it(`${2 * EACH} dry-run and refused admissions mint nothing`, async () => {
  const before = await minting.accessors();
  for (let count = 0; count < EACH; count += 1) {
    const [dry, refused] = await Promise.all([
      admit(pod({}), true),
      admit(pod({ 'countersign.dev/needs': 'get secrets' }), false),
    ]);
    expect(dry).toHaveProperty('patch');
    expect(refused).not.toHaveProperty('patch');
  }

  const after = await minting.accessors();
  expect(after.filter((accessor) => !before.includes(accessor))).toEqual([]);
}, 60_000);

it('admissions that others refuse behind us leave no token, 90 s after the last wrapper has ended', async () => {
  for (let count = 0; count < EACH; count += 10) {
    const some = await Promise.all(Array.from({ length: 10 }, () => admit(pod({}), false)));
    expect(some.every((response) => 'patch' in response)).toBe(true);
  }
  // The tokens, and the wrapping tokens that have not ended yet.
  expect(await living()).toBeGreaterThanOrEqual(EACH);

  await drained(WRAP_SECONDS + 90);

  expect(await living()).toBe(2);
}, 150_000);
