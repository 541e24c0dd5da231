import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonObject, objectOf, textsOf } from '../../../src/core/json.ts';
import { effectiveScopes } from '../../../src/core/rbac/effective.ts';
import { createRbacIndex, type Held, objectKey } from '../../../src/core/rbac/held.ts';
import type { Binding, Role } from '../../../src/core/rbac/rules.ts';
import { combined } from '../../../src/core/scope/combinations.ts';
import { ruleOf, uncovered } from '../../../src/core/scope/covers.ts';
import { overlaps } from '../../../src/core/scope/overlap.ts';
import { riskOf } from '../../../src/core/scope/risk.ts';
import type { Risk } from '../../../src/core/scope/risk-table.ts';
import type { KubernetesScope, Scope } from '../../../src/core/scope/scope.ts';
import type { Finding } from '../../../src/core/verdict/findings.ts';
import { newlyFound } from '../../../src/core/verdict/grant-effects.ts';
import { judge, type VerdictInput } from '../../../src/core/verdict/verdict.ts';
import { createWorld, type World } from '../../../src/facts/world.ts';
import { admissionOn, ask, responseOf, reviewOf } from '../../support/admission.ts';
import { anyBinding, anyNeed, anyRole, anyWorld } from '../../support/arbitrary.ts';
import { heldBy } from '../../support/rbac.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { runs } from '../../support/runs.ts';
import { verdictInput } from '../../support/verdict.ts';
import { workloadObject } from '../../support/workload.ts';

/** A write tells what a cluster would hold that had been built with it, less what one holds that was built without. */

const RUNS = { numRuns: runs(500) };
const ACCOUNTS = ['shop', 'dev'].flatMap((namespace) => ['api', 'web'].map((name) => ({ namespace, name })));

/** Of a small world: labels say what is gathered, and nothing gathers in a ring. */
const LABELS = [{}, { part: 'low' }, { part: 'middle' }, { part: 'low', more: '' }] as const;
const GATHERS = ['low', 'middle'] as const;

const labelledRole: fc.Arbitrary<Role> = fc
  .tuple(anyRole, fc.constantFrom(...LABELS))
  .map(([role, labels]) => (role.kind === 'Role' ? role : { ...role, labels }));

/** `sum-low` gathers plain roles and may be gathered by `sum-middle`. */
const sum = (at: 0 | 1, isPart: boolean): Role => ({
  kind: 'ClusterRole',
  namespace: undefined,
  name: `sum-${GATHERS[at]}`,
  rules: [],
  labels: at === 0 && isPart ? { part: 'middle' } : {},
  gathers: [{ matchLabels: { part: GATHERS[at] }, matchExpressions: [] }],
});
const sums = fc
  .tuple(fc.boolean(), fc.boolean())
  .map(([isPart, both]) => [sum(0, isPart), ...(both ? [sum(1, false)] : [])]);

const toSum = (binding: Binding, at: number): Binding =>
  at === 0 || binding.roleRef.kind === 'Role'
    ? binding
    : { ...binding, roleRef: { kind: 'ClusterRole', name: `sum-${GATHERS[at - 1]}` } };
const someBinding = fc.tuple(anyBinding, fc.nat({ max: 2 })).map(([binding, at]) => toSum(binding, at));

interface Cluster {
  readonly roles: readonly Role[];
  readonly bindings: readonly Binding[];
}

const cluster: fc.Arbitrary<Cluster> = fc
  .record({
    roles: fc.uniqueArray(labelledRole, { maxLength: 6, selector: objectKey }),
    sums,
    bindings: fc.uniqueArray(someBinding, { maxLength: 6, selector: objectKey }),
  })
  .map(({ roles, sums: extra, bindings }) => settled({ roles: [...roles, ...extra], bindings }));

/** The controller, as simply as can be: every aggregated role again and again, until nothing changes. */
function settled({ roles, bindings }: Cluster): Cluster {
  let now = roles;
  for (let round = 0; round < 5; round += 1) {
    for (const { name, gathers } of now) {
      if (gathers === undefined) continue;
      const parts = now.filter(
        (one) =>
          one.kind === 'ClusterRole' &&
          one.name !== name &&
          gathers.some(({ matchLabels }) => one.labels['part'] === matchLabels['part']),
      );
      const rules = [
        ...new Map(parts.flatMap((one) => one.rules.map((rule) => [JSON.stringify(rule), rule]))).values(),
      ];
      now = now.map((one) => (one.kind === 'ClusterRole' && one.name === name ? { ...one, rules } : one));
    }
  }
  return { roles: now, bindings };
}

type Written = Role | Binding;
interface Write {
  readonly object: Written;
  readonly isDelete: boolean;
}

const anyWrite: fc.Arbitrary<Write> = fc.record({
  object: fc.oneof<fc.Arbitrary<Written>[]>(
    labelledRole,
    someBinding,
    fc.boolean().map((isPart) => sum(0, isPart)),
  ),
  isDelete: fc.boolean(),
});

function isRole(object: Written): object is Role {
  return 'rules' in object;
}

function written({ roles, bindings }: Cluster, { object, isDelete }: Write): Cluster {
  const key = objectKey(object);
  const others = {
    roles: roles.filter((one) => objectKey(one) !== key),
    bindings: bindings.filter((one) => objectKey(one) !== key),
  };
  if (isDelete) return settled(others);
  return settled(
    isRole(object)
      ? { ...others, roles: [...others.roles, object] }
      : { ...others, bindings: [...others.bindings, object] },
  );
}

function toJson(object: Written): JsonObject {
  const { kind, namespace, name } = object;
  const body = isRole(object)
    ? {
        metadata: { name, namespace, labels: object.labels },
        rules: object.rules,
        aggregationRule: object.gathers && { clusterRoleSelectors: object.gathers },
      }
    : { metadata: { name, namespace }, roleRef: object.roleRef, subjects: object.subjects };
  return JSON.parse(
    JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, ...body }),
  ) as JsonObject;
}

/** Something runs as each of the accounts. */
function worldWith({ roles, bindings }: Cluster): World {
  const world = createWorld(TEST_RESOURCES);
  for (const object of [...roles, ...bindings]) world.put(object.kind, toJson(object));
  for (const { namespace, name } of ACCOUNTS) {
    world.put('Deployment', workloadObject({ namespace, name, account: name }));
  }
  return world;
}

const rulesOf = ({ rules }: Held) =>
  rules
    .map(({ rule, namespace, via }) => JSON.stringify([rule, namespace, via.binding.name, via.through]))
    .toSorted();

describe('a write is supposed to do', () => {
  it('what building the cluster with it does, to every account whose rights differ', () => {
    fc.assert(
      fc.property(cluster, anyWrite, (before, write) => {
        const after = written(before, write);
        const world = worldWith(before);
        const { kind, namespace = '', name } = write.object;
        const old = [...before.roles, ...before.bindings].find(
          (one) => objectKey(one) === objectKey(write.object),
        );
        const supposed = world.supposing({
          kind,
          namespace,
          name,
          object: write.isDelete ? undefined : toJson(write.object),
          oldObject: old && toJson(old),
        });
        const touched = new Set([...(supposed?.accounts ?? [])].map((one) => `${one.namespace}/${one.name}`));
        const rebuilt = createRbacIndex();
        for (const role of after.roles) rebuilt.putRole(role);
        for (const binding of after.bindings) rebuilt.putBinding(binding);
        for (const account of ACCOUNTS) {
          const [was, is] = [heldBy(account, ...before.roles, ...before.bindings), rebuilt.held(account)].map(
            rulesOf,
          );
          expect(rulesOf(world.held(account, supposed?.after.rbac))).toEqual(is);
          expect(rulesOf(world.held(account, supposed?.before.rbac))).toEqual(was);
          const contents = (rules: readonly string[] = []) => new Set(rules);
          if (contents(was).symmetricDifference(contents(is)).size > 0) {
            expect(touched).toContain(`${account.namespace}/${account.name}`);
          }
        }
      }),
      RUNS,
    );
  });
});

function atoms(scope: KubernetesScope): readonly KubernetesScope[] {
  const verbs = scope.verbs.map((verb) => ({ ...scope, verbs: [verb] }));
  if (scope.kind === 'url') return verbs;
  const names = scope.names.length === 0 ? [[]] : scope.names.map((name) => [name]);
  return verbs.flatMap((one) => names.map((own) => ({ ...one, names: own })));
}

function together({ held, resources }: VerdictInput): (scope: Scope) => { readonly risk: Risk } | undefined {
  const beside = combined(held.rules.flatMap((rule) => [...effectiveScopes(rule, resources)]));
  return (scope) => (scope.kind === 'vault' ? undefined : beside(scope));
}

function scopesOf(findings: readonly Finding[], check: Finding['check']): readonly KubernetesScope[] {
  return findings.flatMap(({ scope, ...finding }) =>
    finding.check === check && !finding.undetermined && scope !== undefined && scope.kind !== 'vault'
      ? [scope]
      : [],
  );
}

const API = { namespace: 'shop', name: 'api' };
const needs = fc.array(anyNeed, { maxLength: 3 });

describe('what is newly found', () => {
  it('is the verdict after less the verdict before, permission by permission', () => {
    fc.assert(
      fc.property(anyWorld, anyWorld, needs, needs, fc.option(anyNeed), (one, other, was, is, forbidden) => {
        const forbid = forbidden === null ? [] : [{ policy: 'p', scope: forbidden satisfies Scope }];
        const before = verdictInput(heldBy(API, ...one.roles, ...one.bindings), was, { forbid });
        const after = verdictInput(heldBy(API, ...other.roles, ...other.bindings), is, { forbid });
        const [old, now] = [judge(before).findings, judge(after).findings];
        const { findings } = newlyFound(before, after);
        for (const check of ['missing', 'excess', 'forbidden'] as const) {
          const [known, told] = [scopesOf(old, check).map(ruleOf), scopesOf(findings, check)];
          const full = scopesOf(now, check);
          for (const atom of told.flatMap(atoms)) {
            expect(uncovered(full.map(ruleOf), atom)).toEqual([]);
            expect(uncovered(known, atom)).not.toEqual([]);
          }
          for (const atom of full.flatMap(atoms)) {
            if (check === 'forbidden' && !forbid.some(({ scope }) => overlaps(scope, atom))) continue;
            expect(uncovered([...known, ...told.map(ruleOf)], atom)).toEqual([]);
          }
        }
        // A part is as bad as it is alone, or worse beside what else is held; never as bad as what it was part of.
        for (const { check, scope, risk = 'low' } of findings) {
          if (check !== 'excess' || scope === undefined) continue;
          expect([riskOf(scope).risk, together(after)(scope)?.risk]).toContain(risk);
        }
      }),
      RUNS,
    );
  });

  it('is nothing where nothing changes', () => {
    fc.assert(
      fc.property(anyWorld, needs, (world, lines) => {
        const input = verdictInput(heldBy(API, ...world.roles, ...world.bindings), lines);

        expect(newlyFound(input, input).findings).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('the endpoint', () => {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('api', 'shop', '*', '__proto__', ''),
  );
  const loose = fc.oneof(fc.jsonValue(), text, fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }));
  const list = (item: fc.Arbitrary<unknown>) => fc.oneof(loose, fc.array(item, { maxLength: 3 }));
  const words = list(fc.oneof(text, loose));
  const hostile = fc.record(
    {
      kind: fc.constantFrom('Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'ServiceAccount'),
      metadata: fc.oneof(
        loose,
        fc.record({ name: loose, labels: loose, annotations: loose, deletionTimestamp: loose }),
      ),
      rules: list(
        fc.oneof(
          loose,
          fc.record({ verbs: words, apiGroups: words, resources: words, resourceNames: words }),
        ),
      ),
      aggregationRule: fc.oneof(
        loose,
        fc.record({
          clusterRoleSelectors: list(fc.record({ matchLabels: loose, matchExpressions: list(loose) })),
        }),
      ),
      roleRef: fc.oneof(loose, fc.record({ kind: loose, name: loose })),
      subjects: list(
        fc.oneof(
          loose,
          fc.record({
            kind: fc.constantFrom('Group', 'User', 'ServiceAccount'),
            name: text,
            namespace: loose,
          }),
        ),
      ),
    },
    { requiredKeys: ['kind'] },
  );

  it('answers any object, in few and short lines', async () => {
    const world = createWorld(TEST_RESOURCES);
    world.put('Deployment', workloadObject({ annotations: { 'countersign.dev/needs': 'get pods' } }));
    const admission = admissionOn(world);
    await fc.assert(
      fc.asyncProperty(
        hostile,
        hostile,
        text,
        fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
        async (object, oldObject, name, operation) => {
          const apiVersion = object.kind === 'ServiceAccount' ? 'v1' : rbac;
          const { request, ...review } = reviewOf({ operation, object: { apiVersion, kind: object.kind } });
          const asked = {
            ...objectOf(request),
            name,
            object,
            oldObject: { ...oldObject, kind: object.kind },
          };
          const body: unknown = JSON.parse(JSON.stringify({ ...review, request: asked }));
          const { allowed, warnings } = responseOf(await ask(admission, 'grant', body));

          expect(allowed).toBe(true);
          expect(textsOf(warnings).length).toBeLessThanOrEqual(16);
          for (const line of textsOf(warnings)) expect(line).toMatch(/^[^\p{Cc}]{1,250}$/u);
        },
      ),
      { numRuns: runs(1000) },
    );
  });
});
