import { describe, expect, it } from 'vitest';
import type { Sight } from '../../../src/cli/denied-account.ts';
import { fixesFor } from '../../../src/cli/fix-denial.ts';
import { fixText } from '../../../src/cli/fix-report.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { StoredDenial } from '../../../src/desk/desk.ts';
import { denialOf, judged, type Shop, shopWorld, strayPod, surveyed } from '../../support/denied.ts';
import { binding, role, rule } from '../../support/rbac.ts';
import { scopes } from '../../support/verdict.ts';

const DENY: JsonObject = { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' };
const SHOP: Shop = {
  roles: [role('shop/api', rule('get', 'pods,secrets,configmaps'))],
  bindings: [binding('shop/api', 'Role:api', 'ServiceAccount:shop/api')],
  policy: { onChange: { missing: 'Deny', excess: DENY } },
  running: {},
  accountNeeds: undefined,
};
const NEEDS = ['get pods', 'list nodes'];

function denied(shop: Shop = SHOP, ...needs: string[]): StoredDenial {
  return deniedWith({}, shop, ...needs);
}

function deniedWith(podSpec: JsonObject, shop: Shop, ...needs: string[]): StoredDenial {
  const world = shopWorld(shop);
  const denial = denialOf(judged(world, scopes(...needs), podSpec), world);
  if (denial === undefined) throw new Error('not refused');
  return denial;
}

const seen = (shop: Shop): Sight => ({ survey: surveyed(shopWorld(shop)), pods: [], nowMs: 0 });

/** What there is to do, and what is said to it. */
function linesFor(denial: StoredDenial, sight: Sight = seen(SHOP)): readonly string[] {
  const lines = fixText(fixesFor(denial, sight), (_, text) => text).split('\n');
  return lines
    .slice(1)
    .filter((line) => !line.startsWith('next: '))
    .map((line) => line.trim());
}

function changed(denial: StoredDenial, spec: object): StoredDenial {
  return { ...denial, spec: { ...denial.spec, ...spec } };
}

const GIVE = 'give    ClusterRole countersign-shop.api with its binding: list nodes everywhere';
const PODS_ALONE = 'narrow  Role shop/api to get pods in shop';
const LEFT = 'open    what is too much is left alone, since';

describe('the fix of a denial of what is not stored', () => {
  it('gives what its needs lack, and takes what they leave', () => {
    expect(linesFor(denied(SHOP, ...NEEDS))).toEqual([GIVE, PODS_ALONE]);
  });

  it('is for the manifest where nothing but that is wrong', () => {
    const findings = [
      { check: 'request', reason: 'DeclarationInvalid', action: 'Deny', undetermined: false },
    ] as const;

    expect(linesFor(changed(denied(SHOP, ...NEEDS), { findings, needs: undefined }))).toEqual([
      'refused correct that in the manifest, and apply it again',
    ]);
  });

  it('takes all where it declared to need nothing', () => {
    expect(linesFor(denied(SHOP))).toEqual([
      'delete  kubectl delete rolebinding api -n shop   (nothing that it gives is needed)',
    ]);
  });

  it.each<[string, object, string]>([
    [
      'its needs are not recorded',
      { needs: undefined },
      'the refused workload is not stored: countersign fix DIR, with its manifest',
    ],
    [
      'not all of its needs are recorded',
      { moreNeeds: 1 },
      'not all of its needs are recorded: countersign fix DIR, with its manifest',
    ],
    [
      'a need that is recorded can’t be read',
      { needs: ['get pods', 'get [redacted]'] },
      'not all of its needs are recorded: countersign fix DIR, with its manifest',
    ],
  ])('leaves alone what is too much where %s', (_, spec, why) => {
    expect(linesFor(changed(denied(SHOP, ...NEEDS), spec))).toEqual([GIVE, `${LEFT} ${why}`]);
  });

  it.each<[string, Partial<Sight>]>([
    ['pods', { pods: undefined }],
    ['workloads', { survey: { ...seen(SHOP).survey, unseenNeeds: true } }],
  ])('leaves alone what is too much where nobody saw all %s that may need it', (_, unseen) => {
    expect(linesFor(denied(SHOP, ...NEEDS), { ...seen(SHOP), ...unseen })).toEqual([
      GIVE,
      `${LEFT} you may not list all workloads and pods there: ask somebody who may`,
    ]);
  });

  it('leaves what a pod of no known workload declares', () => {
    const pods = [strayPod(scopes('get secrets'))];

    expect(linesFor(denied(SHOP, ...NEEDS), { ...seen(SHOP), pods })).toEqual([
      GIVE,
      'narrow  Role shop/api to get pods in shop; get secrets in shop',
    ]);
  });

  it('leaves the part of an excess that the policy leaves alone', () => {
    const [all, named] = [rule('watch', 'secrets'), rule('watch', 'secrets', { resourceNames: ['b'] })];
    const policy = {
      onChange: { excess: { critical: 'Deny', high: 'Deny', medium: 'Ignore', low: 'Ignore' } },
    };
    const shop = { ...SHOP, roles: [role('shop/api', all, named)], policy };

    expect(linesFor(denied(shop), seen(shop))).toEqual([
      'narrow  Role shop/api to watch secrets named b in shop',
    ]);
  });

  it('goes by what was refused last under the id', () => {
    const wide = { ...SHOP, roles: [role('shop/api', rule('*', '*', { apiGroups: ['*'] }))] };
    const [first, last] = [denied(wide, 'get pods'), denied(wide, 'get pods', 'list services')];
    const { needs = [] } = last.spec;
    expect(last.name).toBe(first.name);

    expect(linesFor({ ...first, status: { lastRefusal: { needs, moreNeeds: 0 } } }, seen(wide))).toEqual([
      'narrow  Role shop/api to get pods in shop; list services in shop',
    ]);
  });

  it('says no more of what is mended', () => {
    const denial = denied(SHOP, ...NEEDS);
    const mended = { ...SHOP, roles: [role('shop/api', rule('get', 'pods'))] };

    expect(linesFor(denial, seen(mended))).toEqual([GIVE]);
  });

  it('takes nothing that came after it', () => {
    const denial = denied(SHOP, ...NEEDS);
    const grown = { ...SHOP, roles: [role('shop/api', rule('get', 'pods,secrets,configmaps,services'))] };

    expect(linesFor(denial, seen(grown))).toEqual([
      GIVE,
      'narrow  Role shop/api to get pods in shop; get services in shop',
    ]);
  });

  it('takes more than is recorded as long as the same would be said, and else says that it can’t', () => {
    const names = [...Array(80).keys()].map((at) => `n${at}`);
    const many = names.map((name) => rule('get', 'pods', { resourceNames: [name] }));
    const wide = { ...SHOP, roles: [role('shop/api', ...many)] };
    const denial = denied(wide, 'get pods named n0');
    const more = { ...wide, roles: [role('shop/api', ...many, rule('get', 'services'))] };
    expect(denial.spec.moreFindings).toBeGreaterThan(0);

    expect(linesFor(denial, seen(wide))).toEqual(['narrow  Role shop/api to get pods named n0 in shop']);
    expect(linesFor(denial, seen(more))).toEqual([
      `${LEFT} not all of it is recorded, and the cluster has changed: countersign fix DIR, with its manifest`,
    ]);
  });

  it('finds what was refused of pods without a token, of which less is a risk', () => {
    const group = { apiGroups: ['rbac.authorization.k8s.io'] };
    const many = [...Array(80).keys()].map((at) =>
      rule('escalate', 'roles', { ...group, resourceNames: [`n${at}`] }),
    );
    const shop: Shop = {
      ...SHOP,
      roles: [role('shop/api', ...many, rule('get', 'pods,secrets'))],
      policy: {
        onChange: {
          missing: 'Deny',
          excess: { critical: 'Deny', high: 'Deny', medium: 'Ignore', low: 'Ignore' },
        },
      },
    };
    const needs = 'get pods';
    const denial = deniedWith({ automountServiceAccountToken: false }, shop, needs);
    expect(denial.name).not.toBe(denied(shop, needs).name);
    expect(denial.spec.moreFindings).toBeGreaterThan(0);

    expect(linesFor(denial, seen(shop))).toEqual([
      'narrow  Role shop/api to get pods in shop; get secrets in shop',
    ]);
  });
});
