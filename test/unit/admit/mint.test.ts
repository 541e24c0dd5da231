import { describe, expect, it } from 'vitest';
import type { Admission } from '../../../src/admit/handler.ts';
import type { Minter, MintOutcome, WantedToken } from '../../../src/admit/ports.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { admissionOn, ask, type Reviewed, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const MINTED = { wrappingToken: 'hvs.once-only', accessor: 'accessor-1', expiresAtSeconds: 1_800_000_000 };
const JOB = owned('batch/v1', 'Job', 'report');

function policy(issuance: readonly string[] = ['Wrapped', 'Login'], spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'p' },
    spec: {
      injection: { issuance: [...issuance], tokenRoles: ['wrapped_{namespace}_{serviceAccount}'] },
      ...spec,
    },
  };
}

function owned(apiVersion: string, kind: string, name: string): JsonObject {
  return { ownerReferences: [{ apiVersion, kind, name, uid: `uid-${name}`, controller: true }] };
}

function pod(metadata: JsonObject = {}, annotations: JsonObject = {}): JsonObject {
  return workloadObject({
    kind: 'Pod',
    metadata,
    annotations: {
      'countersign.dev/inject': 'true',
      'countersign.dev/needs': 'vault read secret/data/shop/db',
      'countersign.dev/credential.db': 'secret/data/shop/db',
      'countersign.dev/file.password': 'db.password',
      ...annotations,
    },
  });
}

function counting(outcome: MintOutcome = { kind: 'minted', minted: MINTED }, budget = Infinity) {
  const wanted: WantedToken[] = [];
  const owners: string[] = [];
  const minter: Minter = {
    admits: (owner) => owners.push(owner) <= budget,
    async mint(one) {
      wanted.push(one);
      return outcome;
    },
  };
  return { minter, wanted, owners };
}

interface Setup {
  readonly policies?: readonly JsonObject[];
  readonly admission?: Partial<Admission>;
  readonly review?: Partial<Reviewed>;
}

async function inject(object: JsonObject, { policies = [policy()], admission, review }: Setup = {}) {
  const world = worldOf(ACCOUNT, ...policies);
  const handled = await ask(admissionOn(world, admission), 'inject', reviewOf({ object, ...review }));
  const response = responseOf(handled);
  const patch = textOf(response['patch']);
  return {
    codes: handled.record.codes,
    allowed: response['allowed'],
    patch: patch === undefined ? undefined : Buffer.from(patch, 'base64').toString('utf8'),
    warnings: listOf(response['warnings']),
  };
}

describe('a pod whose policy gives it a wrapped token', () => {
  it('is given one, for its account, by its token role', async () => {
    const { minter, wanted } = counting();
    const { patch } = await inject(pod(owned('apps/v1', 'ReplicaSet', 'api-1')), { admission: { minter } });

    expect(wanted).toEqual([
      {
        vault: 'default',
        tokenRole: 'wrapped_shop_api',
        account: { namespace: 'shop', name: 'api' },
        owner: 'ReplicaSet/api-1',
      },
    ]);
    expect(patch?.split(MINTED.wrappingToken)).toHaveLength(2);
    expect(patch).toContain('"value":"accessor-1"');
    expect(patch).toContain('{"countersign.dev/issuance":"wrapped"}');
  });

  it('is given none on a dry-run, whose answer is always the same', async () => {
    const { minter, wanted, owners } = counting();
    const dry = () => inject(pod(), { admission: { minter }, review: { dryRun: true } });
    const [first, second] = [await dry(), await dry()];

    expect([wanted, owners]).toEqual([[], []]);
    expect(first.patch).toContain('"value":"dry-run"');
    expect(first).toEqual(second);
  });

  it('is given none a second time', async () => {
    const { minter, wanted } = counting();
    const sealed = pod({}, { 'countersign.dev/injected': 'v1.x' });

    expect(await inject(sealed, { admission: { minter } })).toMatchObject({
      allowed: true,
      patch: undefined,
    });
    expect(wanted).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    [
      'is denied',
      pod({}, { 'countersign.dev/needs': 'get secrets' }),
      policy(undefined, { onChange: { missing: 'Deny' } }),
      'Missing',
    ],
    [
      'does not ask rightly',
      pod({}, { 'countersign.dev/needs': 'get pods in' }),
      policy(),
      'DeclarationInvalid',
    ],
  ])('is given none where it %s, and is left to those who refuse it', async (_, object, rules, code) => {
    const { minter, wanted, owners } = counting();
    const answer = await inject(object, { policies: [rules], admission: { minter } });

    expect(answer).toMatchObject({ allowed: true, patch: undefined, codes: [code] });
    expect([wanted, owners]).toEqual([[], []]);
    expect(answer.warnings[0]).toMatch(/^no Vault token: /u);
  });

  it.each<[string, Partial<Admission>, string]>([
    [
      'Vault does not answer',
      { minter: counting({ kind: 'failed', why: 'Vault is away' }).minter },
      'Vault is away',
    ],
    ['its owner has had too many', { minter: counting(undefined, 0).minter }, 'as many as it may'],
    ['nobody mints', {}, 'injection.wrapped is not configured'],
  ])('logs in where %s, with a warning', async (_, admission, why) => {
    const { patch, warnings, codes } = await inject(pod(), { admission });

    expect(codes).toEqual(['NotMinted']);
    expect(patch).toContain('serviceAccountToken');
    expect(patch).not.toContain('wrapped');
    expect(warnings).toEqual([expect.stringContaining(why)]);
    expect(warnings[0]).toContain('connection default');
  });

  it('is left alone where it may not log in, and refused by /injected, which names Vault', async () => {
    const { minter } = counting({ kind: 'failed', why: 'Vault is away' });
    const setup = { policies: [policy(['Wrapped'])], admission: { minter } };

    expect(await inject(pod(JOB), setup)).toMatchObject({
      allowed: true,
      patch: undefined,
      codes: ['NotMinted'],
    });

    const world = worldOf(ACCOUNT, policy(['Wrapped']));
    const refused = await ask(admissionOn(world), 'injected', reviewOf({ object: pod(JOB) }));
    expect(refused.record.codes).toEqual(['NotMinted']);
    expect(textOf(objectOf(responseOf(refused)['status'])['message'])).toContain(
      'Vault (connection default) gave no wrapped token',
    );
  });

  it('is counted by its controller, else by its account', async () => {
    const { minter, owners } = counting();
    await inject(pod(owned('apps/v1', 'ReplicaSet', 'api-1')), { admission: { minter } });
    await inject(pod(), { admission: { minter } });

    expect(owners).toEqual(['uid-api-1', 'shop/api']);
  });

  it('waits for Vault for two seconds at most, and not beyond the deadline of the call', async () => {
    const signals: AbortSignal[] = [];
    const minter: Minter = {
      admits: () => true,
      mint: (_, signal) => {
        signals.push(signal);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'failed', why: 'late' }), { once: true });
        });
      },
    };
    const stop = new AbortController();
    const world = worldOf(ACCOUNT, policy());
    const asked = ask(admissionOn(world, { minter }), 'inject', reviewOf({ object: pod() }), stop.signal);
    await expect.poll(() => signals.length).toBe(1);
    stop.abort();
    expect(signals[0]?.aborted).toBe(true);

    expect((await asked).record.codes).toEqual(['NotMinted']);
    const alone = inject(pod(), { admission: { minter } });
    expect((await alone).codes).toEqual(['NotMinted']);
  });
});

describe('a policy that gives wrapped tokens and lets nobody log in', () => {
  it.each<[string, JsonObject, boolean]>([
    ['a pod of a Job', pod(JOB), true],
    ['a pod of a ReplicaSet', pod(owned('apps/v1', 'ReplicaSet', 'api-1')), false],
    ['a pod of a Job of somebody else’s kind', pod(owned('jobs.example/v1', 'Job', 'x')), false],
    ['a pod of its own', pod(), false],
  ])('for %s: %j', async (_, object, allowed) => {
    const { minter, wanted } = counting();
    const answer = await inject(object, { policies: [policy(['Wrapped'])], admission: { minter } });

    expect(answer.allowed).toBe(allowed);
    expect(wanted).toHaveLength(allowed ? 1 : 0);
    expect(answer.codes).toEqual(allowed ? [] : ['PolicyRefusesInjection']);
    if (allowed) expect(answer.patch).not.toContain('serviceAccountToken');
  });

  it.each<[string, boolean]>([
    ['Job', true],
    ['CronJob', true],
    ['Deployment', false],
  ])('says so at the template of a %s already', async (kind, allowed) => {
    const annotations = objectOf(objectOf(pod()['metadata'])['annotations']);
    const world = worldOf(ACCOUNT, policy(['Wrapped']));
    const object = workloadObject({ kind, annotations });
    const { record } = await ask(admissionOn(world), 'change', reviewOf({ object }));

    expect(record.codes.includes('PolicyRefusesInjection')).toBe(!allowed);
  });
});
