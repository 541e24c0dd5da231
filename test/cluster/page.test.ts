import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build } from '../../scripts/build.ts';
import { kubeconfigOf, type Person } from '../../scripts/cluster/layout.ts';
import { compareText } from '../../src/core/scope/canonical.ts';
import { inaccessible, type Look, launchBrowser, newPage, shoot } from '../support/browser.ts';
import { kindOf, nameOf, rendered } from '../support/chart.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { denialObject } from '../support/desk.ts';
import { ago } from '../support/page-shop.ts';
import { startUi, type UiProcess } from '../support/ui-process.ts';

/** The page as people have it: the bundle, their own certificates, a real API server, a real browser. */

const cluster = sharedCluster();
const SELF = 'system:serviceaccount:countersign:countersign';
const GROUP = 'rbac.authorization.k8s.io';
const OURS = 'countersign.dev/v1alpha1';
const EVIL = '<img src=x onerror="document.title=1">\u202e';
const [FIRST, SECOND, THIRD, ELSEWHERE] = ['d-00000001', 'd-00000002', 'd-00000003', 'd-00000004'];

let browser: Browser;
let guards: Awaited<ReturnType<typeof rendered>>['objects'] = [];
let namespace = '';
let other = '';
let uid = '';
const started: UiProcess[] = [];

function bound(user: string, role: string, place: string): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace: place, name: `${user.replaceAll(':', '-')}-${role}` },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
  };
}

function boundEverywhere(user: string, role: string): object {
  const { metadata: _, ...binding } = bound(user, role, '') as { readonly metadata: object };
  return {
    ...binding,
    kind: 'ClusterRoleBinding',
    metadata: { name: `page-${user.replaceAll(':', '-')}-${role}` },
  };
}

const role = (name: string, rules: readonly object[]) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});

const apply = (...items: readonly object[]) =>
  cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });

/** As Countersign records it: nobody else may. */
async function record(id: string, place: string, spec: object = {}): Promise<void> {
  const { status, ...denial } = denialObject({ serviceAccount: { name: 'api', uid }, ...spec });
  const object = { apiVersion: OURS, kind: 'Denial', ...denial, metadata: { name: id, namespace: place } };
  const input = JSON.stringify(object);
  await vi.waitUntil(
    async () =>
      (await cluster.kubectl(['create', '-f', '-'], { as: SELF, input, allowFailure: true })).code === 0,
    { timeout: 30_000, interval: 250 },
  );
  await answer(id, place, { ...status, firstSeen: ago(30), lastSeen: ago(2) });
}

const answer = (id: string, place: string, status: object) =>
  cluster.kubectl(
    [
      'patch',
      'denial',
      id,
      '-n',
      place,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    ],
    { as: SELF },
  );

interface Opened {
  readonly page: Page;
  readonly ui: UiProcess;
  /** Closes it all; fails where the browser complained of anything else, or where axe finds something. */
  readonly done: (expected?: RegExp) => Promise<void>;
}

async function open(
  person: Person,
  args: readonly string[] = ['-n', namespace],
  look: Look = {},
): Promise<Opened> {
  const ui = await startUi(kubeconfigOf(person, cluster.dir), ...args);
  started.push(ui);
  const { page, complaints, close } = await newPage(browser, look);
  await page.goto(ui.link);
  await page.waitForSelector('.live.on');
  return {
    page,
    ui,
    async done(expected) {
      expect(await inaccessible(page)).toEqual([]);
      expect(complaints.filter((one) => expected?.test(one) !== true)).toEqual([]);
      await close();
      expect(await ui.stop()).toBe(0);
    },
  };
}

const openRow = (page: Page, id: string) => page.click(`[data-row$="/${id}"]`);

async function askFor(page: Page, id: string, reason: string): Promise<void> {
  await openRow(page, id);
  await page.getByRole('button', { name: 'Ask for a waiver …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('get pods in shop').uncheck();
  await dialog.getByLabel('Why is it needed?').fill(reason);
  await dialog.getByLabel('For how long, once approved').selectOption('1h');
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByText('Asked. Another person approves or rejects it.').waitFor();
  await page.locator('.card .state-pending').waitFor();
}

async function decide(
  page: Page,
  id: string,
  decision: 'Approve' | 'Reject' | 'Revoke',
  reason: string,
): Promise<string> {
  await openRow(page, id);
  await page.getByRole('button', { name: `${decision} …` }).click();
  const dialog = page.getByRole('dialog');
  const read = await dialog.innerText();
  await shoot(page, `cluster-${decision.toLowerCase()}`);
  await dialog.getByLabel(`Why do you ${decision.toLowerCase()} it?`).fill(reason);
  await dialog.getByRole('button', { name: decision, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  return read;
}

beforeAll(async () => {
  await build({ quiet: true });
  browser = await launchBrowser();
  [namespace, other] = [await newNamespace(cluster), await newNamespace(cluster)];
  const wanted = /^countersign-(?:grants|decisions|denials|requester|approver)$/u;
  guards = (await rendered()).objects.filter((object) => wanted.test(nameOf(object)));
  const metadata = { name: 'api', namespace };
  await apply(
    ...guards,
    role('page-own', [{ apiGroups: ['countersign.dev'], resources: ['*'], verbs: ['*'] }]),
    role('page-reader', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }]),
    boundEverywhere(SELF, 'page-own'),
    boundEverywhere('omar', 'page-reader'),
    bound('jane', 'countersign-requester', namespace),
    bound('omar', 'countersign-approver', namespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { app: 'api' } },
        template: {
          metadata: {
            labels: { app: 'api' },
            annotations: { 'countersign.dev/needs': 'get configmaps in own' },
          },
          spec: { serviceAccountName: 'api', containers: [{ name: 'api', image: 'api' }] },
        },
      },
    },
    role('page-legacy', [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }]),
    {
      ...boundEverywhere('x', 'page-legacy'),
      subjects: [{ kind: 'ServiceAccount', name: 'api', namespace }],
    },
  );
  const { stdout } = await cluster.kubectl([
    'get',
    'sa',
    'api',
    '-n',
    namespace,
    '-o',
    'jsonpath={.metadata.uid}',
  ]);
  uid = stdout;
  await record(FIRST, namespace);
  await record(SECOND, namespace, { workload: { kind: 'CronJob', name: 'nightly' } });
  await record(THIRD, namespace, { summary: `refused ${EVIL}`, policy: EVIL });
  await record(ELSEWHERE, other);
});

afterAll(async () => {
  await browser?.close();
  for (const ui of started) await ui.stop();
  for (const object of guards)
    await cluster.kubectl(['delete', kindOf(object), nameOf(object), '--ignore-not-found']);
  // Other stories of this cluster have people of the same names.
  const everywhere = [
    boundEverywhere(SELF, 'page-own'),
    boundEverywhere('omar', 'page-reader'),
    boundEverywhere('x', 'page-legacy'),
  ];
  await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: everywhere }),
  });
});

describe('on the page of the bundle, against a real API server', () => {
  it('one person asks, another approves what is exactly shown, and the first sees it without a reload', async () => {
    const [jane, omar] = [await open('jane'), await open('omar')];
    await shoot(omar.page, 'cluster-queue');
    await askFor(jane.page, FIRST, 'the queue is stuck');
    await jane.page.getByText('another person approves').first().waitFor();
    expect(await jane.page.getByRole('button', { name: 'Approve …' }).count()).toBe(0);

    await omar.page.getByText('jane asks for a waiver').waitFor();
    const read = await decide(omar.page, FIRST, 'Approve', 'for an hour');

    for (const part of ['* secrets everywhere', 'Deployment api', '1h', 'jane', 'the queue is stuck'])
      expect(read).toContain(part);
    expect(read).not.toContain('get pods in shop');
    for (const { page } of [omar, jane]) {
      await page.getByText('Approved by omar').waitFor();
      expect(await page.locator('.card .left').first().innerText()).toMatch(
        /^(?:59 min \d\d s|1 h 00 min) left$/u,
      );
    }
    await shoot(jane.page, 'cluster-approved');
    const actors = await cluster.auditLog(
      (event) =>
        event.verb === 'create' && event.namespace === namespace && event.resource.startsWith('access'),
    );
    expect(actors.map(({ user, resource }) => `${user} ${resource}`)).toEqual([
      'jane accessgrants',
      'omar accessdecisions',
    ]);
    await Promise.all([jane.done(), omar.done()]);
  });

  it('what runs is revoked, what waits is rejected, and both are told why', async () => {
    const [jane, omar] = [await open('jane'), await open('omar', undefined, { dark: true })];
    await decide(omar.page, FIRST, 'Revoke', 'the queue runs again');
    await askFor(jane.page, SECOND, 'nightly reads all');
    await decide(omar.page, SECOND, 'Reject', 'declare what it reads');

    await jane.page.getByText('declare what it reads').waitFor();
    await openRow(jane.page, FIRST);
    await jane.page.getByText('the queue runs again').waitFor();
    expect(await jane.page.locator('.card .state-revoked').count()).toBe(1);
    await Promise.all([jane.done(), omar.done()]);
  });

  it('nobody is offered to approve their own request', async () => {
    const omar = await open('omar', undefined, { width: 360 });
    await askFor(omar.page, THIRD, EVIL);

    await omar.page.getByText('It is your own request').waitFor();
    expect(await omar.page.getByRole('button', { name: 'Approve …' }).count()).toBe(0);
    expect(await omar.page.locator('.detail').innerText()).toContain('\\u202e');
    expect(await omar.page.locator('.detail').innerText()).not.toContain('\u202e');
    expect(await omar.page.title()).toBe('Countersign');
    expect(await omar.page.locator('img').count()).toBe(0);
    await shoot(omar.page, 'cluster-own');
    await omar.done();
  });

  it('two people see what each may', async () => {
    const [jane, omar] = [await open('jane'), await open('omar', ['-A'])];
    const rows = async ({ page }: Opened) => {
      await page.waitForSelector('.row');
      const keys = await page
        .locator('.row')
        .evaluateAll((all) => all.map((row) => row.getAttribute('data-row')));
      return keys
        .flatMap((key) => key ?? [])
        .filter((key) => key.startsWith(namespace) || key.startsWith(other))
        .toSorted(compareText);
    };
    const ours = [FIRST, SECOND, THIRD].map((id) => `${namespace}/${id}`);

    expect(await rows(jane)).toEqual(ours);
    expect(await rows(omar)).toEqual([...ours, `${other}/${ELSEWHERE}`].toSorted(compareText));
    await omar.page.goto(`${omar.ui.origin}/denials/${other}/${ELSEWHERE}`);
    await omar.page.getByRole('heading', { name: `${other}/api` }).waitFor();
    await omar.page.getByText('Would it pass now?').waitFor();
    expect(await omar.page.getByRole('button', { name: 'Check again' }).count()).toBe(0);
    await jane.page.goto(`${jane.ui.origin}/denials/${other}/${ELSEWHERE}`);
    await jane.page.getByRole('heading', { name: `${ELSEWHERE} is not there` }).waitFor();
    await Promise.all([jane.done(), omar.done()]);
  });

  it('asks to check again, and shows the answer when it comes', async () => {
    const jane = await open('jane');
    await openRow(jane.page, SECOND);
    await jane.page.getByRole('button', { name: 'Check again' }).click();
    await jane.page.getByText('Asked. Countersign answers within seconds').waitFor();
    const { stdout } = await cluster.kubectl([
      'get',
      'denial',
      SECOND,
      '-n',
      namespace,
      '-o',
      String.raw`jsonpath={.metadata.annotations.countersign\.dev/recheck}`,
    ]);
    const recheck = { requestedAt: stdout, checkedAt: stdout, outcome: 'Deny', message: '1 excess' };
    await answer(SECOND, namespace, { recheck });

    await jane.page.getByText('No, it would be refused').waitFor();
    await jane.done();
  });

  it('works out the smallest change with the rights of who asks', async () => {
    const [jane, omar] = [await open('jane'), await open('omar')];
    for (const { page } of [jane, omar]) {
      await openRow(page, FIRST);
      await page.getByRole('button', { name: 'Work out the smallest change' }).click();
    }
    await jane.page.getByText('without them a fix could give too much').waitFor();
    const proposed = await omar.page.getByRole('region', { name: 'The proposed change' }).innerText();

    expect(proposed).toContain('pods');
    expect(proposed).toContain(`namespace: ${namespace}`);
    // The browser says on its console that an answer was no success.
    await jane.done(/status of 409/u);
    await omar.done();
  });

  it('reports who holds what, and exports it', async () => {
    const [jane, omar] = [await open('jane'), await open('omar')];
    await omar.page.keyboard.press('3');
    const row = omar.page.getByRole('row', { name: /secrets everywhere/u });
    expect(await row.first().innerText()).toMatch(/not needed[\s\S]*critical[\s\S]*page-legacy/u);
    await shoot(omar.page, 'cluster-report');
    await omar.page.getByRole('button', { name: 'Needed?' }).click();
    expect(await omar.page.getByRole('columnheader', { name: 'Needed?' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    const exported = async (name: string) => {
      const download = omar.page.waitForEvent('download');
      await omar.page.getByRole('button', { name }).click();
      return readFile(await (await download).path(), 'utf8');
    };
    expect(await exported('Export CSV')).toMatch(
      /^namespace,serviceAccount,[\s\S]*critical,\* secrets everywhere,/u,
    );
    expect(JSON.parse(await exported('Export JSON'))).toMatchObject({
      accounts: [{ namespace, serviceAccount: 'api', excess: { critical: 1 } }],
    });

    await jane.page.goto(`${jane.ui.origin}/report`);
    await jane.page.getByText('It is not complete').click();
    await jane.page.getByText(/you may not list all clusterrolebindings/u).waitFor();
    await Promise.all([jane.done(), omar.done()]);
  });
});

describe('countersign ui', () => {
  it('listens to this machine alone, and prints no token', async () => {
    const { ui, page, done } = await open('omar');
    const token = String(await page.evaluate("localStorage.getItem('countersign.token')"));
    const tcp = (await readFile('/proc/net/tcp', 'utf8')) + (await readFile('/proc/net/tcp6', 'utf8'));
    const hex = ui.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = tcp.split('\n').filter((line) => line.includes(`:${hex} `) && / 0A /u.test(line));

    expect(listening.map((line) => line.trim().split(/\s+/u)[1])).toEqual([`0100007F:${hex}`]);
    expect(token).toHaveLength(43);
    expect(ui.printed()).not.toContain(token);
    expect(ui.printed()).toContain(`as omar in namespace ${namespace} of context test`);
    await done();
  });

  it('looks at its own namespace where a person may not look everywhere', async () => {
    const ui = await startUi(kubeconfigOf('jane', cluster.dir));
    expect(ui.printed()).toContain('as jane in namespace default of context test');
    expect(await ui.stop()).toBe(0);
    const all = await startUi(kubeconfigOf('omar', cluster.dir));
    expect(all.printed()).toContain('as omar in every namespace of context test');
    expect(await all.stop()).toBe(0);
  });

  it('ends by itself when no page is open', async () => {
    const ui = await startUi(kubeconfigOf('omar', cluster.dir), '--idle', '1s');

    expect(await ui.ended).toBe(0);
  });

  it('says what is wrong before it serves anything', async () => {
    const busy = await startUi(kubeconfigOf('omar', cluster.dir));
    await expect(startUi(kubeconfigOf('omar', cluster.dir), '--port', String(busy.port))).rejects.toThrow(
      `ended with 2: countersign: cannot listen on 127.0.0.1:${busy.port}: EADDRINUSE`,
    );
    await expect(startUi('/nowhere')).rejects.toThrow('ended with 2: countersign: /nowhere can');
    await expect(startUi(kubeconfigOf('omar', cluster.dir), '--idle', 'soon')).rejects.toThrow(
      'ended with 2',
    );
    expect(await busy.stop()).toBe(0);
  });
});
