import { describe, expect, it } from 'vitest';
import type { Admission, Endpoint } from '../../../src/admit/handler.ts';
import { judgeWorkload } from '../../../src/admit/judge.ts';
import { readWorkload } from '../../../src/core/admission/workload.ts';
import { type JsonObject, objectOf, textsOf } from '../../../src/core/json.ts';
import type { VaultHeld } from '../../../src/core/vault/held.ts';
import { REASONS, type ReasonCode } from '../../../src/core/verdict/reasons.ts';
import { createWorld, type World } from '../../../src/facts/world.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { APPROVED_MS, decisionObject, grant, grantObject } from '../../support/grants.ts';
import { liveTruth } from '../../support/live.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { pathRule, vaultHeld, vaultLogin } from '../../support/vault-held.ts';
import { type WorkloadOptions, workloadObject } from '../../support/workload.ts';

/** Every reason as a person meets it, in `test/golden/messages`: whoever changes a word sees what comes of it. */

const RBAC = 'rbac.authorization.k8s.io';
const DENY = { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' };
const ALL = { missing: 'Deny', excess: DENY, forbidden: 'Deny', overreach: 'Deny', undeclared: 'Deny' };

function policy(spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'production' },
    spec: { onChange: ALL, ...spec },
  };
}

function bound(name: string, rules: readonly JsonObject[], more: JsonObject = {}): readonly JsonObject[] {
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules, ...more },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'api', namespace: 'shop' }],
    },
  ];
}

const rule = (verbs: string, resources: string[], apiGroups = ['']) => ({
  verbs: verbs.split(','),
  resources,
  apiGroups,
});
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const SECRETS = bound('legacy', [rule('get,list', ['secrets'])]);
const WEB = workloadObject({ name: 'web' });
const EMPTY = bound('monitoring', [], {
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
});
const many = [...Array(150).keys()].map(String);

const needing = (needs: string, more: WorkloadOptions = {}) =>
  workloadObject({ annotations: { 'countersign.dev/needs': needs }, ...more });
const injecting = (annotations: JsonObject = {}, more: WorkloadOptions = {}) =>
  workloadObject({
    annotations: { 'countersign.dev/needs': '', 'countersign.dev/inject': 'true', ...annotations },
    ...more,
  });

const DATABASE: Asked = {
  object: injecting({
    'countersign.dev/credential.db': 'database/creds/shop',
    'countersign.dev/file.db': 'db',
  }),
  facts: [
    policy({
      onChange: { ...ALL, undetermined: 'Deny' },
      injection: { roles: ['{namespace}_{serviceAccount}'] },
    }),
  ],
};
const NOT_READ: VaultHeld = {
  logins: [],
  read: [],
  unread: [{ connection: 'default', why: 'vault is sealed' }],
};

function databaseLogin(more: Parameters<typeof vaultLogin>[1] = {}): VaultHeld {
  return vaultHeld(vaultLogin({ shop: ['read database/creds/shop'] }, more));
}

interface Asked {
  readonly object: JsonObject;
  /** What Vault gives the account. */
  readonly vault?: VaultHeld;
  readonly facts?: readonly JsonObject[];
  readonly endpoint?: Endpoint;
  readonly admission?: Partial<Admission>;
  readonly review?: JsonObject;
}

async function said({ object, facts = [policy()], vault, endpoint = 'change', admission, review }: Asked) {
  const world: World = { ...worldOf(ACCOUNT, ...facts), vault: () => vault };
  const body = review ?? reviewOf({ object });
  const handled = await ask(admissionOn(world, admission), endpoint, body);
  const response = responseOf(handled);
  const lines = [
    ...textsOf(response['warnings']),
    ...textsOf([objectOf(response['status'])['message'] ?? null]),
  ];
  return { codes: handled.record.codes, text: [handled.record.verdict, ...lines].join('\n') };
}

/** A note is told by the command line. */
async function noted({ object, facts = [policy()] }: Asked, code: ReasonCode) {
  const workload = readWorkload(object);
  if (workload === undefined) throw new Error('no workload');
  const options = { dryRun: false, openWorld: false, factsMaxAgeSeconds: 300, nowMs: APPROVED_MS + 1000 };
  const { notes } = judgeWorkload(workload, worldOf(...facts), { moment: 'change', ...options });
  const messages = notes.filter(({ reason }) => reason === code).map(({ message }) => message);
  return { codes: messages.length > 0 ? [code] : [], text: `note: ${messages.join('\nnote: ')}` };
}

const stale = (synced: boolean, ageSeconds: number) =>
  createWorld(TEST_RESOURCES, () => ({ synced, ageSeconds }));

const SAID: Partial<Record<ReasonCode, Asked>> = {
  Missing: { object: needing('get,list endpointslices.discovery.k8s.io') },
  MissingOrNotYetFilled: { object: needing('get pods'), facts: [policy(), ...EMPTY] },
  Excess: { object: needing(''), facts: [policy(), ...SECRETS] },
  SharedWithUndeclared: {
    object: needing(''),
    facts: [policy(), WEB, ...bound('reader', [rule('get', ['pods'])])],
  },
  NotConfirmed: { object: needing('get pods'), admission: { live: liveTruth() } },
  RuleTooLarge: { object: needing(''), facts: [policy(), ...bound('huge', [rule('get', many, many)])] },
  ForbiddenHeld: { object: needing(''), facts: [policy({ forbid: ['get secrets'] }), ...SECRETS] },
  ForbiddenNeed: { object: needing('get secrets'), facts: [policy({ forbid: ['get secrets'] })] },
  Overreach: { object: needing('get nodes'), facts: [policy({ ceiling: ['preset:own-namespace'] })] },
  VaultNotRead: { ...DATABASE, vault: NOT_READ },
  MissingInVault: { ...DATABASE, vault: vaultHeld(vaultLogin({ shop: ['read secret/data/shop/*'] })) },
  NoVaultLogin: { object: needing('vault read database/creds/shop'), vault: vaultHeld() },
  VaultRoleNotYours: { ...DATABASE, vault: vaultHeld() },
  VaultAudience: { ...DATABASE, vault: databaseLogin({ terms: { audiences: ['https://vault.example'] } }) },
  VaultTokenUses: { ...DATABASE, vault: databaseLogin({ terms: { numUses: 1 } }) },
  VaultTtl: {
    ...DATABASE,
    facts: [policy({ injection: { roles: ['{namespace}_{serviceAccount}'], maxTTL: '30m' } })],
    vault: databaseLogin(),
  },
  VaultRoleOpen: { ...DATABASE, vault: databaseLogin({ anyAccount: true }) },
  VaultLeaseOutlivesToken: {
    ...DATABASE,
    object: injecting({
      'countersign.dev/credential.db': 'database/creds/shop',
      'countersign.dev/file.db': 'db',
      'countersign.dev/agent': 'init',
    }),
    vault: databaseLogin(),
  },
  VaultPolicyNotRead: {
    ...DATABASE,
    vault: databaseLogin({ unknown: ['policy shop-extra: permission denied'] }),
  },
  VaultConstrained: {
    ...DATABASE,
    vault: vaultHeld(vaultLogin({ shop: [pathRule('read database/creds/shop', ['max_wrapping_ttl'])] })),
  },
  Undeclared: { object: workloadObject(), facts: [policy(), ...SECRETS] },
  DeclarationInvalid: { object: needing('get pods in\nget secrets/db-creds') },
  InjectionInvalid: { object: injecting({ 'countersign.dev/containers': 'sidecar' }) },
  NotInjected: { object: injecting({}, { kind: 'Pod' }), endpoint: 'injected' },
  NotMinted: {
    object: injecting({ 'countersign.dev/inject': 'wrapped' }, { kind: 'Pod' }),
    facts: [
      policy({ injection: { issuance: ['Wrapped', 'Login'], tokenRoles: ['wrapped_{serviceAccount}'] } }),
    ],
    endpoint: 'injected',
  },
  InjectionAltered: {
    object: workloadObject({
      kind: 'Pod',
      podSpec: { volumes: [{ name: 'countersign-files', emptyDir: {} }] },
    }),
    endpoint: 'injected',
  },
  PolicyRefusesInjection: {
    object: injecting({ 'countersign.dev/vault-role': 'admin' }),
    facts: [policy({ injection: { roles: ['{namespace}_{serviceAccount}'] } })],
  },
  MirrorPod: {
    object: injecting({ 'kubernetes.io/config.mirror': 'x' }, { kind: 'Pod' }),
    endpoint: 'injected',
  },
  FactsNotSynced: { object: needing(''), admission: { facts: stale(false, 0) } },
  FactsTooOld: { object: needing('get pods'), admission: { facts: stale(true, 301) } },
  NotAllJudged: {
    object: {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'everyone' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'wide' },
      subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }],
    },
    facts: [
      policy({ onGrant: { excess: DENY } }),
      bound('wide', [rule('get', ['secrets'])])[0] ?? {},
      ...many.map((at) => needing('', { name: `w${at}`, account: `a${at}` })),
    ],
    endpoint: 'grant',
  },
  MalformedReview: { object: {}, review: { kind: 'AdmissionReview', request: { uid: 'u-1' } } },
  NotAWorkload: { object: { kind: 'ConfigMap', metadata: {} } },
};

const GRANT = grant('get,list secrets everywhere');
const NOTED: Partial<Record<ReasonCode, Asked>> = {
  DanglingRole: { object: needing(''), facts: [policy(), ...SECRETS.slice(1)] },
  UnfilledAggregate: { object: needing(''), facts: [policy(), ...EMPTY] },
  SharedAccount: { object: needing(''), facts: [policy(), WEB] },
  NoSuchAccount: { object: needing('') },
  ScopeNote: { object: needing('get pods/logs') },
  NodesNotKnown: {
    object: injecting({
      'countersign.dev/credential.db': 'a/b',
      'countersign.dev/env.PASSWORD': 'db.password',
    }),
  },
  GrantUsed: {
    object: needing(''),
    facts: [
      policy({ grants: { mayWaive: ['excess'] } }),
      ...SECRETS,
      grantObject(['get,list secrets everywhere']),
      decisionObject(GRANT),
    ],
  },
};

describe('every reason has its words', () => {
  it.each(Object.keys(REASONS) as ReasonCode[])('%s', async (code) => {
    const [asked, note] = [SAID[code], NOTED[code]];
    const told =
      asked !== undefined ? await said(asked) : note !== undefined ? await noted(note, code) : undefined;

    expect(told?.codes).toContain(code);
    await expect(`${told?.text}\n`).toMatchFileSnapshot(`../../golden/messages/${code}.txt`);
  });
});
