import { describe, expect, it } from 'vitest';
import { REGISTRATIONS } from '../../../src/api/registration.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { registration } from '../../../src/doctor/registration.ts';
import { JUDGING, lines, registered, withoutFix } from '../../support/doctor.ts';

const only = (name: string, change: JsonObject) =>
  registered((webhook) => (webhook.name === `${name}.countersign.dev` ? change : {}));
const sick = (asked: ReturnType<typeof registered>) =>
  registration.judge(asked, JUDGING).filter(({ state }) => state !== 'ok');

describe('the registration', () => {
  it('as it ships is well, webhook by webhook', () => {
    expect(lines(registration.judge(registered(), JUDGING))).toEqual(
      REGISTRATIONS.map(({ name, failurePolicy }) => `ok ${name}: ${failurePolicy}, as it ships`),
    );
  });

  it.each<[string, ReturnType<typeof registered>, readonly string[]]>([
    [
      'a configuration that is missing, once',
      {
        ...registered(),
        webhooks: registered().webhooks.filter(({ kind }) => kind === 'Mutating'),
        kinds: ['Mutating'],
      },
      ['fail ValidatingWebhookConfiguration countersign is missing: the API server does not ask us'],
    ],
    [
      'one webhook that is missing',
      { ...registered(), webhooks: registered().webhooks.filter(({ name }) => !name.startsWith('advise')) },
      ['fail advise.countersign.dev is not registered'],
    ],
    [
      'one that fails open',
      only('injected', { failurePolicy: 'Ignore' }),
      [
        'fail injected.countersign.dev: failurePolicy Ignore instead of Fail: what it refuses gets in whenever it does not answer',
      ],
    ],
    [
      'one that blocks',
      only('grant', { failurePolicy: 'Fail' }),
      [
        'fail grant.countersign.dev: failurePolicy Fail instead of Ignore: what it only advises on waits whenever it does not answer',
      ],
    ],
    [
      'all that differs of one, at once',
      only('change', {
        timeoutSeconds: 10,
        sideEffects: 'None',
        rules: [],
        matchConditions: [{ name: 'x', expression: 'true' }],
      }),
      [
        'warn change.countersign.dev: timeoutSeconds 10 instead of 5; sideEffects are not NoneOnDryRun; without its condition template, by-hand, no-break-glass; with 1 more conditions; does not see every write of pods, replicationcontrollers, deployments, statefulsets, daemonsets, replicasets, jobs, cronjobs',
      ],
    ],
    [
      'a service of somebody else',
      only('inject', {
        clientConfig: { service: { namespace: 'other', name: 'countersign', path: '/inject/x' } },
      }),
      ['warn inject.countersign.dev: calls the Service other/countersign'],
    ],
    [
      'another path',
      only('inject', { clientConfig: { url: 'https://localhost/injected/x' } }),
      ['warn inject.countersign.dev: is called at /injected/x instead of /inject/…'],
    ],
    [
      'a selector without our label',
      only('change', { namespaceSelector: {} }),
      ['warn change.countersign.dev: does not look at the label countersign.dev/enforce of namespaces'],
    ],
    [
      'a second release',
      registered(undefined, { others: ['MutatingWebhookConfiguration/staging'] }),
      ['fail MutatingWebhookConfiguration/staging registers webhooks of ours as well: a second release'],
    ],
    [
      'entries of any shape',
      registered(() => ({
        clientConfig: 3,
        failurePolicy: 'Fail',
        timeoutSeconds: null,
        rules: [3],
        matchConditions: {},
      })),
      expect.arrayContaining([expect.stringMatching(/^fail inject/)]),
    ],
  ])('says of %s what is wrong, and what to do', (_, asked, expected) => {
    expect(lines(sick(asked))).toEqual(expected);
    expect(withoutFix(sick(asked))).toEqual([]);
  });

  it('does not mind white space, more controllers, or labels that a platform adds', () => {
    const asked = registered(({ entry }) => ({
      matchConditions: listOf(entry['matchConditions'])
        .map(objectOf)
        .map(({ name = '', expression }) => ({
          name,
          expression: (textOf(expression) ?? '')
            .replaceAll(' || ', '\n  ||  ')
            .replace('["system', '["system:serviceaccount:argo:rollouts","system'),
        })),
      namespaceSelector: {
        matchExpressions: [
          { key: 'countersign.dev/enforce', operator: 'In', values: ['true'] },
          { key: 'control-plane', operator: 'NotIn', values: ['true'] },
        ],
      },
    }));
    expect(sick(asked)).toEqual([]);
  });
});
