import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEphemeral, checkInjected, checkUpdate } from '../../../../src/core/inject/invariants.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { quantityOf } from '../../../../src/core/inject/quantity.ts';
import { parseInjection } from '../../../../src/core/inject/request.ts';
import { parseTemplate, renderTemplate } from '../../../../src/core/inject/template.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { runs } from '../../../support/runs.ts';
import { ASKS, inputFor, podWith, SETTINGS } from '../../../unit/core/inject/fixtures.ts';

const RUNS = { numRuns: runs(1000) };

const LASTING = {
  ...ASKS,
  'countersign.dev/credential.db': 'database/creds/x',
  'countersign.dev/env.PASSWORD': 'db.password',
  'countersign.dev/rotate': 'restart',
};
const NODES = [{ name: 'a', labels: { zone: 'x' }, kubeletVersion: 'v1.37.2' }];

const key = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'inject',
        'credential.',
        'env.',
        'identity.',
        'refresh.',
        'notify',
        'rotate',
        'agent',
        'file.',
        'token',
        'containers',
        'containers.',
        'vault',
        'order',
        'injected',
        '',
      ),
      fc.string({ maxLength: 6 }),
    )
    .map((parts) => `countersign.dev/${parts.join('')}`),
  fc.constantFrom(
    'countersign.dev/inject',
    'countersign.dev/credential.db',
    '__proto__',
    'kubernetes.io/config.mirror',
  ),
);
const value = fc.oneof(
  fc.constantFrom(
    'true',
    'login',
    'db',
    'db.x',
    '{db.x}',
    'a/b',
    'env',
    '1m',
    'restart',
    'after:x',
    'http://[::1]/',
  ),
  fc.string(),
  fc.jsonValue(),
);
const anyAnnotations = fc.dictionary(key, value, { maxKeys: 8 });

/** Any JSON, or a pod that is right down to some place and any JSON from there. */
const hostilePod = fc.oneof(
  fc.jsonValue(),
  fc.record({ metadata: fc.jsonValue(), spec: fc.jsonValue() }),
  fc.record({ metadata: fc.record({ annotations: anyAnnotations }), spec: fc.jsonValue() }),
  fc
    .record({
      volumes: fc.jsonValue(),
      initContainers: fc.jsonValue(),
      containers: fc.jsonValue(),
      os: fc.jsonValue(),
      nodeSelector: fc.jsonValue(),
      runtimeClassName: fc.jsonValue(),
    })
    .map((spec) => podWith(LASTING, spec as JsonObject)),
  fc
    .array(
      fc.record(
        {
          name: fc.oneof(fc.constantFrom('countersign-init', 'api'), fc.jsonValue()),
          env: fc.jsonValue(),
          volumeMounts: fc.jsonValue(),
          resources: fc.jsonValue(),
          securityContext: fc.jsonValue(),
          image: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    )
    .map((containers) =>
      podWith(
        { ...ASKS, 'countersign.dev/injected': 'v1.x' },
        {
          containers,
          initContainers: containers,
          ephemeralContainers: containers,
        },
      ),
    ),
);

describe('every function answers', () => {
  it('any annotations', () => {
    fc.assert(
      fc.property(anyAnnotations, (map) => {
        const { request, problems } = parseInjection(map);

        expect(request === undefined || problems.length === 0).toBe(true);
        expect(problems.length).toBeLessThanOrEqual(51);
      }),
      RUNS,
    );
  });

  it('any pod', () => {
    fc.assert(
      fc.property(hostilePod, hostilePod, (pod, old) => {
        const input = { ...inputFor(podWith(LASTING), LASTING), pod: pod as JsonObject, nodes: () => NODES };

        expect(planInjection(input).kind).toMatch(/^(?:plan|problems|nothing)$/);
        expect(checkInjected({ ...input, username: 'x' })).toBeInstanceOf(Array);
        expect(checkUpdate(old, pod, SETTINGS)).toBeInstanceOf(Array);
        expect(checkEphemeral(pod)).toBeInstanceOf(Array);
      }),
      RUNS,
    );
  });

  it('any quantity', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.stringMatching(/^[+-]?\d{0,30}\.?\d{0,30}[eEmk]?\d{0,3}i?$/)),
        (any) => {
          expect(['bigint', 'undefined']).toContain(typeof quantityOf(any));
        },
      ),
      RUNS,
    );
  });

  it('with messages on one line that no terminal obeys', () => {
    fc.assert(
      fc.property(anyAnnotations, (map) => {
        for (const { field, message } of parseInjection(map).problems) {
          expect(`${field}${message}`).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
        }
      }),
      RUNS,
    );
  });
});

function doubled(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}');
}

describe('templates', () => {
  it('give back any text whose braces are doubled', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', '|', '.', '\n') }), (text) => {
        const { template, problems } = parseTemplate(doubled(text));

        expect(problems).toEqual([]);
        expect(renderTemplate(template, () => undefined)).toEqual({ text });
      }),
      RUNS,
    );
  });

  it('never look into a value', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary' }))), (pairs) => {
        const text = pairs.map(([plain], at) => `${doubled(plain)}{c.${at}}`).join('');

        const rendered = renderTemplate(
          parseTemplate(text).template,
          (_, field) => pairs[Number(field)]?.[1],
        );

        expect(rendered).toEqual({ text: pairs.map((pair) => pair.join('')).join('') });
      }),
      RUNS,
    );
  });

  it('are read or refused, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', 'a', '.', '|', 'json', ' ', '\n') }),
        (text) => {
          const { template, problems } = parseTemplate(text);

          expect(problems.length).toBeLessThanOrEqual(10);
          expect(renderTemplate(template, () => 'v')).toHaveProperty('text');
        },
      ),
      RUNS,
    );
  });
});
