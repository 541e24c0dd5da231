import { describe, expect, it } from 'vitest';
import { accessIn, judgedIn } from '../../../src/cli/access.ts';
import type { Viewed } from '../../../src/cli/cluster.ts';
import type { Sight } from '../../../src/cli/denied-account.ts';
import { decisionIn, explain } from '../../../src/cli/explain-decision.ts';
import { fixesFor } from '../../../src/cli/fix-denial.ts';
import { fixText, fixYaml } from '../../../src/cli/fix-report.ts';
import { createDesk } from '../../../src/desk/cluster-desk.ts';
import type { StoredDenial } from '../../../src/desk/desk.ts';
import { readDenial } from '../../../src/desk/read-objects.ts';
import { type Survey, surveyOf } from '../../../src/facts/cluster/survey.ts';
import { heardHost } from '../../support/cli-host.ts';
import { denialObject, ID, IN_SHOP, JANE, NOW, OURS } from '../../support/desk.ts';
import { decisionObject, grant, grantObject } from '../../support/grants.ts';
import type { MemoryKube } from '../../support/memory-kube.ts';
import { shopCluster } from '../../support/shop-cluster.ts';

const NEEDS = 'get pods\nget configmaps';
const seen = (survey: Survey, pods: Sight['pods'] = []): Sight => ({ survey, pods, nowMs: NOW });
const cluster = () => shopCluster({ username: JANE }, NEEDS);

function viewed({ client }: MemoryKube): Viewed {
  const desk = createDesk(client, { namespace: 'shop', now: () => NOW });
  return { client, desk, context: 'test', namespace: 'shop', named: true, allNamespaces: false, nowMs: NOW };
}

function denial(name = ID, findings: readonly object[] = FINDINGS): StoredDenial {
  const object = denialObject({ findings }, {}, name);
  const [read] = readDenial({ ...object, metadata: { ...object.metadata, namespace: 'shop' } });
  if (read === undefined) throw new Error('not a denial');
  return read;
}

const FINDINGS = [
  {
    check: 'missing',
    reason: 'Missing',
    action: 'Deny',
    undetermined: false,
    scope: 'get configmaps in shop',
  },
  {
    check: 'excess',
    reason: 'Excess',
    action: 'Deny',
    undetermined: false,
    scope: 'get secrets in shop',
    risk: 'high',
    via: 'RoleBinding shop/api → Role api',
  },
];

const STRICT = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: {
    onChange: { missing: 'Deny', excess: { critical: 'Deny', high: 'Deny' } },
    grants: { mayWaive: ['excess'] },
  },
};

async function idOfShop(kube: MemoryKube): Promise<string> {
  const [judgement] = judgedIn(await surveyOf(kube.client, 'shop'), NOW);
  return judgement?.decision.id ?? 'none';
}

describe('the access report of a cluster', () => {
  it('is made of what the viewer lists', async () => {
    const report = await accessIn(cluster().client, { namespace: 'shop', nowMs: NOW });

    expect(report.accounts).toMatchObject([
      {
        namespace: 'shop',
        serviceAccount: 'api',
        workloads: [{ kind: 'Deployment', name: 'api', declared: true, result: 'warn' }],
        held: 2,
        needed: 1,
        missing: 1,
        excess: { high: 1 },
      },
    ]);
    expect(report.incomplete).toEqual([expect.stringContaining('Vault is not read here')]);
  });

  it('says what the viewer may not list, and does not call it missing', async () => {
    const kube = cluster();
    kube.refuse(
      /^GET \/apis\/rbac\.authorization\.k8s\.io\/v1\/(clusterroles|clusterrolebindings|roles|rolebindings)/u,
      403,
    );
    kube.refuse(/scopepolicies/u, 403);

    const report = await accessIn(kube.client, { namespace: 'shop', nowMs: NOW });

    expect(report.incomplete).toEqual([
      'you may not list all roles: it takes list roles.rbac.authorization.k8s.io everywhere',
      'you may not list all clusterroles: it takes list clusterroles.rbac.authorization.k8s.io everywhere',
      'you may not list all rolebindings: it takes list rolebindings.rbac.authorization.k8s.io everywhere',
      'you may not list all clusterrolebindings: it takes list clusterrolebindings.rbac.authorization.k8s.io everywhere',
      'you may not list all scopepolicies: it takes list scopepolicies.countersign.dev everywhere',
      expect.stringContaining('Vault'),
    ]);
    expect(report.accounts[0]?.scopes.map(({ state, undetermined }) => [state, undetermined])).toEqual([
      ['missing', true],
      ['excess', false],
      ['needed', false],
    ]);
  });
});

describe('the fix of a denial', () => {
  it('gives what is missing, and leaves alone what may be needed by what is not stored', async () => {
    const survey = await surveyOf(cluster().client, 'shop');

    const text = fixText(fixesFor(denial(), seen(survey)), (_, painted) => painted);

    expect(text.split('\n')).toEqual([
      'shop/api (Deployment) as serviceaccount shop/api',
      expect.stringMatching(/^ {2}give .*: get configmaps in shop$/u),
      '  open    what is too much is left alone, since the refused workload is not stored: countersign fix DIR, with its manifest',
      expect.stringMatching(/^next: /u),
    ]);
  });

  it('narrows too, where what was refused is what is stored', async () => {
    const kube = cluster();
    const survey = await surveyOf(kube.client, 'shop');

    const yaml = fixYaml(fixesFor(denial(await idOfShop(kube)), seen(survey)));

    expect(yaml).toContain('resources: [configmaps]');
    expect(yaml).toContain('# narrowed to what is needed of RoleBinding shop/api');
    expect(yaml).not.toContain('secrets');
  });

  it('narrows what a grant waives until then', async () => {
    const kube = cluster();
    kube.put(`${OURS}/scopepolicies`, STRICT);
    const denied = denial(await idOfShop(kube));
    const waived = grant('get secrets');
    kube.put(`${IN_SHOP}/accessgrants`, grantObject(['get secrets']));
    kube.put(`${IN_SHOP}/accessdecisions`, decisionObject(waived));
    const survey = await surveyOf(kube.client, 'shop');
    expect(judgedIn(survey, NOW)[0]?.grants).toEqual(['shop/debug']);

    const yaml = fixYaml(fixesFor(denied, seen(survey)));

    expect(yaml).toContain('# narrowed to what is needed of RoleBinding shop/api');
    expect(yaml).not.toContain('secrets');
  });

  it('gives what is missing to whoever may not list roles, too, and overwrites none', async () => {
    const kube = cluster();
    kube.refuse(/rbac\.authorization\.k8s\.io/u, 403);
    const survey = await surveyOf(kube.client, 'shop');

    const yaml = fixYaml(fixesFor(denial(), seen(survey)));

    expect(yaml).toContain('name: countersign-api-7f3k2m4q\n  namespace: shop');
    expect(yaml).toContain('resources: [configmaps]');
    expect(yaml).not.toContain('secrets]');
    expect(yaml).toContain(
      'what is too much is left alone, since you may not list all roles and bindings: ask somebody who may',
    );
  });

  it.each([['cronjobs'], ['replicasets'], ['serviceaccounts']])(
    'leaves alone what is too much for whoever may not list %s',
    async (plural) => {
      const kube = cluster();
      const id = await idOfShop(kube);
      kube.refuse(new RegExp(`/${plural}$`, 'u'), 403);
      const survey = await surveyOf(kube.client, 'shop');

      const yaml = fixYaml(fixesFor(denial(id), seen(survey)));

      expect(yaml).toContain('you may not list all workloads and pods there');
      expect(yaml).not.toContain('narrowed');
    },
  );

  it('is nothing once it is mended', async () => {
    const survey = await surveyOf(cluster().client, 'shop');
    const [missing] = FINDINGS;

    const text = fixText(
      fixesFor(denial(ID, [{ ...missing, scope: 'get pods in shop' }]), seen(survey)),
      (_, one) => one,
    );

    expect(text).toContain('nothing to fix');
  });

  it('is for Vault’s administrator where Vault refuses', async () => {
    const survey = await surveyOf(cluster().client, 'shop');
    const inVault = {
      check: 'missing',
      reason: 'MissingInVault',
      action: 'Deny',
      undetermined: false,
      scope: 'vault read secret/data/x',
    };

    const text = fixText(fixesFor(denial(ID, [inVault]), seen(survey)), (_, one) => one);

    expect(text).toContain('ask     whoever administers Vault: missing vault read secret/data/x');
  });
});

describe('a decision that no Denial records', () => {
  it('is found among what is stored', async () => {
    const kube = cluster();
    const id = await idOfShop(kube);
    const heard = heardHost();

    expect(decisionIn(await surveyOf(kube.client, 'shop'), id, NOW)?.workload.name).toBe('api');
    expect(await explain(id, { output: 'text' }, viewed(kube), heard.host)).toBe(0);
    expect(heard.out()).toContain(
      'no Denial is recorded; on the facts of now this is the decision on Deployment api',
    );
    expect(heard.out()).toContain('missing  get configmaps in shop');
  });

  it('is explained by the Denial where there is one', async () => {
    const kube = cluster();
    kube.put('/apis/countersign.dev/v1alpha1/namespaces/shop/denials', denialObject() as never);
    const heard = heardHost();

    expect(await explain(ID, { output: 'text' }, viewed(kube), heard.host)).toBe(0);
    expect(heard.out()).toContain('Excess: held and not needed');
  });

  it('may be none of what is stored, and then that is said', async () => {
    const heard = heardHost();

    expect(await explain(ID, { output: 'text' }, viewed(cluster()), heard.host)).toBeUndefined();
    expect(heard.err()).toContain(
      'nor is it the decision on any of 1 workload in namespace shop as it is now',
    );
  });
});
