import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { programPath } from '../../scripts/cluster/components.ts';
import { runCli } from '../../src/cli/program.ts';
import { createDesk } from '../../src/desk/cluster-desk.ts';
import type { Desk } from '../../src/desk/desk.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { kindOf, nameOf, rendered } from '../support/chart.ts';
import { heardHost } from '../support/cli-host.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { denialObject } from '../support/desk.ts';

/** What people may do at the command line, each with their own kubeconfig; nobody of Countersign runs here. */

const cluster = sharedCluster();
const [JANE, OMAR, EVE, BOT] = ['jane', 'omar', 'eve', 'system:serviceaccount:shop:bot'];
const SELF = 'system:serviceaccount:countersign:countersign';
const ID = 'd-7f3k2m4q';
const HOSTILE = '<img src=x onerror=alert(1)>\u001b[31m\u202e\n=1+1';
const GROUP = 'rbac.authorization.k8s.io';

let dir = '';
let namespace = '';
let guards: Awaited<ReturnType<typeof rendered>>['objects'] = [];

function bound(user: string, role: string): object {
  const [, , place = '', name = ''] = user.split(':');
  const subject = user.includes(':')
    ? { kind: 'ServiceAccount', name, namespace: place }
    : { apiGroup: GROUP, kind: 'User', name: user };
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace, name: `${user.replaceAll(':', '-')}-${role}` },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}

const kubeconfigOf = (user: string) => join(dir, `${user.replaceAll(':', '-')}.yaml`);

/** The administrator's, as another user, with the namespace as its own. */
async function writeKubeconfig(user: string, admin: string): Promise<void> {
  const config = parse(admin);
  for (const one of config.users) one.user.as = user;
  for (const one of config.contexts) one.context.namespace = namespace;
  await writeFile(kubeconfigOf(user), stringify(config));
}

async function run(user: string, ...args: string[]) {
  const heard = heardHost();
  const code = await runCli([...args, '--kubeconfig', kubeconfigOf(user)], heard.host);
  return { code, out: heard.out(), err: heard.err() };
}

async function deskOf(user: string): Promise<Desk> {
  const access = await loadKubeAccess({ kubeconfig: kubeconfigOf(user) });
  return createDesk(createKubeClient(access), { namespace: access.namespace });
}

/** Asked for by Jane; its name. */
async function asked(...more: string[]): Promise<string> {
  const { code, out, err } = await run(JANE, 'grant', ID, '--reason', 'stuck', '-o', 'name', ...more);
  expect(code, err).toBe(0);
  return out.replace('accessgrants.countersign.dev/', '');
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-desk-'));
  namespace = await newNamespace(cluster);
  const chart = await rendered();
  const wanted = /^countersign-(?:grants|decisions|denials|requester|approver)$/u;
  guards = chart.objects.filter((object) => wanted.test(nameOf(object)));
  const own = {
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'desk-own' },
    rules: [{ apiGroups: ['countersign.dev'], resources: ['*'], verbs: ['*'] }],
  };
  const items = [
    ...guards,
    own,
    bound(JANE, 'countersign-requester'),
    bound(JANE, 'edit'),
    bound(OMAR, 'countersign-approver'),
    bound(BOT, 'countersign-approver'),
    bound(SELF, 'desk-own'),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace } },
  ];
  const list = (objects: readonly object[]) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await cluster.kubectl(['apply', '-f', '-'], { input: list(items) });
  const { stdout: uid } = await cluster.kubectl([
    'get',
    'sa',
    'api',
    '-n',
    namespace,
    '-o',
    'jsonpath={.metadata.uid}',
  ]);
  const acted = { action: 'Deny', undetermined: false };
  const findings = [
    { ...acted, check: 'missing', reason: 'Missing', scope: `get pods in ${namespace}` },
    {
      ...acted,
      check: 'excess',
      reason: 'Excess',
      scope: '* secrets everywhere',
      risk: 'critical',
      via: 'x',
    },
  ];
  const account = { name: 'api', uid };
  const denial = denialObject({ serviceAccount: account, summary: `refused ${HOSTILE}`, findings });
  const named = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'Denial',
    ...denial,
    metadata: { name: ID, namespace },
  };
  await vi.waitUntil(
    async () => {
      const { code } = await cluster.kubectl(['create', '-f', '-'], {
        as: SELF,
        input: JSON.stringify(named),
        allowFailure: true,
      });
      return code === 0;
    },
    { timeout: 20_000, interval: 500 },
  );
  const patch = JSON.stringify({ status: denial.status });
  await cluster.kubectl([
    'patch',
    'denial',
    ID,
    '-n',
    namespace,
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ]);
  const { stdout: admin } = await cluster.kubectl(['config', 'view', '--raw', '--flatten']);
  await Promise.all([JANE, OMAR, EVE, BOT].map((user) => writeKubeconfig(user, admin)));
});

afterAll(async () => {
  for (const object of guards)
    await cluster.kubectl(['delete', kindOf(object), nameOf(object), '--ignore-not-found']);
  await cluster.kubectl(['delete', 'clusterrole', 'desk-own']);
  await rm(dir, { recursive: true });
});

describe('who may ask', () => {
  it('lists denials like kubectl', async () => {
    const { code, out } = await run(JANE, 'denials');

    expect(code).toBe(0);
    expect(out.split('\n')[0]?.split(/ {2,}/u)).toEqual([
      'NAME',
      'STATE',
      'RISK',
      'WORKLOAD',
      'ACCOUNT',
      'COUNT',
      'LAST-SEEN',
    ]);
    expect(out).toContain(`${ID}   Open`);
  });

  it('gets those of the own namespace for all', async () => {
    const { code, out } = await run(JANE, 'denials', '-A', '-o', 'name');

    expect({ code, out }).toEqual({ code: 0, out: `denials.countersign.dev/${ID}` });
  });

  it('reads one, with what is hostile in it as text', async () => {
    const { code, out } = await run(JANE, 'denials', ID);

    expect(code).toBe(0);
    expect(out).toContain('refused <img src=x onerror=alert(1)>\\u001b[31m\\u202e\\u000a=1+1');
    expect(out).not.toMatch(/[^ -~\n→…]/u);
  });

  it('asks for a grant, and may not decide on it', async () => {
    const name = await asked('--ticket', 'OPS-1');

    const { code, err } = await run(JANE, 'approve', name, '--yes', '--reason', 'mine');

    expect(code).toBe(1);
    expect(err).toContain('it is your own request: another person approves');
  });

  it('asks with hostile words, which are stored as they are and shown as text', async () => {
    const name = await asked('--ticket', HOSTILE);
    const { out, err } = await run(OMAR, 'approve', name, '--reason', HOSTILE, '--yes');

    expect(err).toBe('');
    expect(out).toContain('\\u001b[31m\\u202e\\u000a=1+1');
    expect(out).not.toMatch(/[^ -~\n→…]/u);
    const { stdout } = await cluster.kubectl([
      'get',
      'accessgrant',
      name,
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.ticket}',
    ]);
    expect(stdout).toBe(HOSTILE);
  });

  it('does not ask with 64 kB of reason', async () => {
    const { code, err } = await run(JANE, 'grant', ID, '--reason', 'x'.repeat(65_536));

    expect(code).toBe(2);
    expect(err).toContain('the reason is too long');
  });

  it('asks the leader to look again', async () => {
    await (await deskOf(JANE)).recheck(namespace, ID);

    const { stdout } = await cluster.kubectl([
      'get',
      'denial',
      ID,
      '-n',
      namespace,
      '-o',
      'jsonpath={.metadata.annotations}',
    ]);
    expect(stdout).toContain('countersign.dev/recheck');
  });

  it('knows what each may do', async () => {
    const rights = async (user: string) => (await deskOf(user)).rights(namespace);

    expect(await rights(JANE)).toEqual({ readDenials: true, ask: true, decide: false, recheck: true });
    expect(await rights(OMAR)).toEqual({ readDenials: true, ask: true, decide: true, recheck: true });
    expect(await rights(EVE)).toEqual({ readDenials: false, ask: false, decide: false, recheck: false });
  });

  it('gets a report of what may be listed, which says what it lacks', async () => {
    const { code, out, err } = await run(JANE, 'report', '-o', 'csv');

    expect(code).toBe(0);
    expect(out.split('\r\n')[0]).toMatch(/^namespace,serviceAccount,/u);
    expect(err).toContain('you may not list all clusterrolebindings');
  });

  it('gets the fix of what is missing, and hears what it takes to see the rest', async () => {
    const { code, out } = await run(JANE, 'fix', ID);

    expect(code).toBe(3);
    expect(out).toContain(
      `Role ${namespace}/countersign-api-7f3k2m4q with its binding: get pods in ${namespace}`,
    );
    expect(out).toContain(
      'what is too much is left alone, since you may not list all roles and bindings: ask somebody who may',
    );
  });
});

describe('who may approve', () => {
  it('approves and revokes what another asked for', async () => {
    const name = await asked();

    const approved = await run(OMAR, 'approve', name, '--yes', '--reason', 'agreed');
    const again = await run(OMAR, 'approve', name, '--yes', '--reason', 'agreed');
    const revoked = await run(OMAR, 'revoke', name, '--yes', '--reason', 'over');

    expect(approved.out).toMatch(
      new RegExp(`accessgrant\\.countersign\\.dev/${name} approved: Active until .*Z$`, 'u'),
    );
    expect(again.err).toContain('it is approved already, until');
    expect(revoked.out).toContain(`${name} revoked: Revoked`);
  });

  it('rejects, and that is final', async () => {
    const name = await asked();

    expect((await run(OMAR, 'reject', name, '--yes', '--reason', 'no')).code).toBe(0);
    expect((await run(OMAR, 'approve', name, '--yes', '--reason', 'yes')).err).toContain('that is final');
  });

  it('is asked before anything is written', async () => {
    const name = await asked();

    const { code, err } = await run(OMAR, 'approve', name, '--reason', 'agreed');

    expect({ code, err }).toEqual({ code: 2, err: 'nobody to ask at this terminal: approve it with --yes' });
  });

  it('decides nothing for an account that was made again', async () => {
    const name = await asked();
    await cluster.kubectl(['delete', 'sa', 'api', '-n', namespace]);
    await cluster.kubectl(['create', 'sa', 'api', '-n', namespace]);
    await cluster.kubectl([
      'create',
      'rolebinding',
      'omar-view',
      '--clusterrole=view',
      '--user=omar',
      '-n',
      namespace,
    ]);

    const { code, err } = await run(OMAR, 'approve', name, '--yes', '--reason', 'agreed');

    expect(code).toBe(1);
    expect(err).toContain(`service account ${namespace}/api was made again since`);
  });

  it('is no service account', async () => {
    const name = await asked();

    const { code, err } = await run(BOT, 'approve', name, '--yes', '--reason', 'agreed');

    expect(code).toBe(1);
    expect(err).toContain('a person approves, not a service account');
  });
});

describe('an administrator', () => {
  const asAdmin = async (...args: string[]) => {
    const heard = heardHost();
    const code = await runCli([...args, '-n', namespace, '--kubeconfig', cluster.kubeconfig], heard.host);
    return { code, out: heard.out(), err: heard.err() };
  };

  beforeAll(async () => {
    const labels = { app: 'api' };
    const annotations = { 'countersign.dev/needs': 'get pods\nget configmaps' };
    const containers = [{ name: 'main', image: 'registry.example/api:1' }];
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: { serviceAccountName: 'api', containers } },
      },
    };
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(deployment) });
    const role = ['--verb=get', '--resource=configmaps,secrets', '-n', namespace];
    await cluster.kubectl(['create', 'role', 'api', ...role]);
    const subject = `--serviceaccount=${namespace}:api`;
    await cluster.kubectl(['create', 'rolebinding', 'api', '--role=api', subject, '-n', namespace]);
    await vi.waitUntil(
      async () =>
        (await cluster.kubectl(['get', 'replicasets', '-n', namespace, '-o', 'name'])).stdout !== '',
      { timeout: 20_000, interval: 200 },
    );
  });

  it('gets the report whole', async () => {
    const { code, out } = await asAdmin('report', '-o', 'json');

    expect(code).toBe(0);
    const { accounts, incomplete } = JSON.parse(out);
    expect(incomplete).toEqual([expect.stringContaining('Vault is not read here')]);
    expect(accounts).toMatchObject([
      {
        namespace,
        serviceAccount: 'api',
        shared: false,
        workloads: [{ kind: 'Deployment', name: 'api', declared: true, result: 'warn' }],
        needed: 1,
        missing: 1,
        excess: { high: 1 },
      },
    ]);
  });

  it('gets a fix that the API server takes, after which nothing of it is missing', async () => {
    const before = await asAdmin('fix', ID, '-o', 'yaml');
    await cluster.kubectl(['apply', '-f', '-'], { input: before.out });

    const { out } = await asAdmin('report', '-o', 'json');

    expect(JSON.parse(out).accounts[0]).toMatchObject({ missing: 0, needed: 2 });
  });
});

describe('everybody else', () => {
  it.each([
    ['denials', ['denials']],
    ['a denial', ['denials', ID]],
    ['a grant', ['approve', 'api-1', '--yes', '--reason', 'r']],
  ])('gets %s refused, in the API server’s words and with what to do', async (_, args) => {
    const { code, err } = await run(EVE, ...args);

    expect(code).toBe(1);
    expect(err).toContain('User "eve" cannot');
    expect(err).toContain('next: ask for ClusterRole countersign-requester');
  });
});

describe('kubectl', () => {
  it('has the commands as its own once kubectl-countersign is on the PATH', async () => {
    const plugin = join(dir, 'kubectl-countersign');
    const main = resolve('src/main.ts');
    await writeFile(plugin, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    await chmod(plugin, 0o755);
    const child = spawn(programPath('kubectl'), ['countersign', 'denials', '-o', 'name'], {
      env: {
        HOME: dir,
        KUBECONFIG: kubeconfigOf(JANE),
        PATH: [dir, dirname(process.execPath), process.env['PATH']].join(delimiter),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

    expect(await text(child.stdout)).toBe(`denials.countersign.dev/${ID}\n`);
  });
});
