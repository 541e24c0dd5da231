import * as fc from 'fast-check';
import { applyPatch, Pointer } from 'rfc6902';
import { expect, it } from 'vitest';
import { canonicalText } from '../../../../src/core/inject/canonical-text.ts';
import { checkInjected, checkUpdate } from '../../../../src/core/inject/invariants.ts';
import { applyPlan, toPatch } from '../../../../src/core/inject/patch.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { quantityOf } from '../../../../src/core/inject/quantity.ts';
import { isObject, type JsonObject, listOf, objectOf } from '../../../../src/core/json.ts';
import { runs } from '../../../support/runs.ts';
import { inputFor, loginFor, planFor, SETTINGS } from '../../../unit/core/inject/fixtures.ts';
import { type Asking, asking } from './arbitrary.ts';
import { hopeless } from './hopeless.ts';
import { intruded, shadowed } from './intruded.ts';
import { tampered } from './tampered.ts';

const RUNS = { numRuns: runs(1000) };

function injectionOf({ pod, annotations }: Asking) {
  const input = inputFor(pod, annotations);
  const plan = planFor(input);
  return { input, plan, annotations, whole: applyPlan(plan, pod) };
}

function check(pod: JsonObject, asked: Asking['annotations']) {
  return checkInjected({
    pod,
    namespace: 'shop',
    account: 'api',
    login: loginFor(pod, asked),
    username: 'alice',
    settings: SETTINGS,
    nodes: () => [],
  });
}

it('the patch, applied by another library, is the pure transformation', () => {
  fc.assert(
    fc.property(asking, (one) => {
      const { plan, whole } = injectionOf(one);
      const patched = structuredClone(one.pod);

      const errors = applyPatch(patched, structuredClone([...toPatch(plan, one.pod)]));

      expect(errors.filter((error) => error !== null)).toEqual([]);
      expect(canonicalText(patched)).toBe(canonicalText(whole));
    }),
    RUNS,
  );
});

it('nothing of the pod is removed or replaced', () => {
  fc.assert(
    fc.property(asking, (one) => {
      const { plan } = injectionOf(one);
      const patched = structuredClone(one.pod);

      for (const operation of toPatch(plan, one.pod)) {
        const into = Pointer.fromJSON(operation.path).evaluate(patched);
        const replaced: unknown = Array.isArray(into.parent) ? null : (into.value ?? null);

        expect([operation.op, replaced]).toEqual(['add', null]);
        applyPatch(patched, [structuredClone(operation)]);
      }
    }),
    RUNS,
  );
});

it('an injected pod is whole, is left alone by a second pass, and may be updated as it is', () => {
  fc.assert(
    fc.property(asking, (one) => {
      const { input, whole } = injectionOf(one);

      expect(check(whole, one.annotations)).toEqual([]);
      expect(planInjection({ ...input, pod: whole })).toEqual({ kind: 'nothing', reason: 'already' });
      expect(checkUpdate(whole, whole, SETTINGS)).toEqual([]);
    }),
    RUNS,
  );
});

it('a pod that asks is refused before it is injected', () => {
  fc.assert(
    fc.property(asking, ({ pod, annotations }) => {
      expect(check(pod, annotations)).not.toEqual([]);
    }),
    RUNS,
  );
});

const injections = asking.map(injectionOf);

it('any change to what is ours is refused, at creation and later', () => {
  fc.assert(
    fc.property(
      injections.chain((injection) =>
        fc.tuple(fc.constant(injection), fc.oneof(tampered(injection.whole), intruded(injection.whole))),
      ),
      ([{ input, whole, annotations }, pod]) => {
        expect(check(pod, annotations)).not.toEqual([]);
        expect(planInjection({ ...input, pod })).not.toMatchObject({ reason: 'already' });
        expect(checkUpdate(whole, pod, SETTINGS)).not.toEqual([]);
      },
    ),
    RUNS,
  );
});

it('a pod whose containers would read something else than what was written is refused', () => {
  fc.assert(
    fc.property(
      injections.chain((injection) => fc.tuple(fc.constant(injection), shadowed(injection.whole))),
      ([{ input, annotations }, pod]) => {
        expect(check(pod, annotations)).not.toEqual([]);
        expect(planInjection({ ...input, pod })).not.toMatchObject({ reason: 'already' });
      },
    ),
    RUNS,
  );
});

it('what can be given nothing is refused, with reasons, before the patch and without it', () => {
  fc.assert(
    fc.property(hopeless, ({ pod, annotations }) => {
      const outcome = planInjection(inputFor(pod, annotations));

      expect(outcome.kind).toBe('problems');
      expect(check(pod, annotations)).toEqual('problems' in outcome ? outcome.problems : []);
    }),
    RUNS,
  );
});

it('a pod of class Guaranteed stays one, and no other becomes one', () => {
  fc.assert(
    fc.property(
      asking.filter(({ pod }) => !isObject(objectOf(pod['spec'])['resources'])),
      (one) => {
        expect(isGuaranteed(injectionOf(one).whole)).toBe(isGuaranteed(one.pod));
      },
    ),
    RUNS,
  );
});

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/#guaranteed */
function isGuaranteed(pod: JsonObject): boolean {
  const spec = objectOf(pod['spec']);
  return [...listOf(spec['initContainers']), ...listOf(spec['containers'])].every((container) => {
    const { limits, requests } = objectOf(objectOf(container)['resources']);
    return ['cpu', 'memory'].every((name) => {
      const limit = quantityOf(objectOf(limits)[name]) ?? 0n;
      const asked = objectOf(requests)[name];
      return limit > 0n && (asked === undefined || quantityOf(asked) === limit);
    });
  });
}

it('the same pod gives the same bytes, whatever the order of its annotations', () => {
  fc.assert(
    fc.property(asking, (one) => {
      const metadata = one.pod['metadata'] as JsonObject;
      const entries = Object.entries(metadata['annotations'] as JsonObject).toReversed();
      const pod = { ...one.pod, metadata: { ...metadata, annotations: Object.fromEntries(entries) } };
      const annotations = Object.fromEntries(Object.entries(one.annotations).toReversed());

      const [a, b] = [one, { pod, annotations }].map((each) =>
        JSON.stringify(toPatch(injectionOf(each).plan, each.pod)),
      );

      expect(a).toBe(b);
    }),
    RUNS,
  );
});
