import { describe, expect, it } from 'vitest';
import { checkEphemeral, checkUpdate } from '../../../../src/core/inject/invariants.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { injected, inputFor, podWith, SETTINGS } from './fixtures.ts';
import { type Change, changed, check, P } from './tampering.ts';

/** A pod with everything that lasts: sidecar, env file, restarts. */
const ANNOTATIONS = {
  [`${P}inject`]: 'true',
  [`${P}credential.db`]: 'database/creds/shop',
  [`${P}file.db`]: 'db',
  [`${P}env.PASSWORD`]: 'db.password',
  [`${P}rotate`]: 'restart',
  [`${P}containers`]: 'api,migrate',
};
const SPEC = {
  initContainers: [{ name: 'migrate', image: 'shop/api:3' }],
  containers: [
    { name: 'api', image: 'shop/api:3', env: [{ name: 'HOST', value: 'db' }] },
    { name: 'log', image: 'shop/log:1' },
  ],
};
const INPUT = inputFor(podWith(ANNOTATIONS, SPEC), ANNOTATIONS);
const WHOLE = injected(INPUT);
const SIDECAR = 'spec.initContainers[countersign-agent]';
const PASSWORD = 'spec.containers[api].env[PASSWORD]';

const notOurs = 'is not what Countersign wrote';
const removed = 'is missing: Countersign wrote it, and it was removed';
const used = "uses a volume of Countersign's, which only Countersign may give to a container";

const reads = (name: string, volumeName: string) => ({
  name,
  valueFrom: { fileKeyRef: { volumeName, path: 'env', key: 'PASSWORD', optional: false } },
});

const TAMPERINGS: readonly (readonly [string, Change, string, string])[] = [
  ['no sidecar', ({ spec }) => void spec.initContainers.splice(1, 1), SIDECAR, removed],
  [
    'a sidecar that runs once',
    ({ spec }) => void delete spec.initContainers[1]?.['restartPolicy'],
    `${SIDECAR}.restartPolicy`,
    removed,
  ],
  [
    'a sidecar that restarts nothing',
    ({ spec }) => void delete spec.initContainers[1]?.['restartPolicyRules'],
    `${SIDECAR}.restartPolicyRules`,
    removed,
  ],
  [
    'a sidecar that restarts all by another exit code',
    ({ spec }) =>
      void Object.assign(spec.initContainers[1] ?? {}, {
        restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [0] } }],
      }),
    `${SIDECAR}.restartPolicyRules`,
    notOurs,
  ],
  [
    'a sidecar with a probe',
    ({ spec }) => void Object.assign(spec.initContainers[1] ?? {}, { livenessProbe: { exec: {} } }),
    `${SIDECAR}.livenessProbe`,
    "may not be there: nobody may add to Countersign's own container",
  ],
  [
    'a sidecar with other arguments',
    ({ spec }) => void Object.assign(spec.initContainers[1] ?? {}, { args: ['init'] }),
    `${SIDECAR}.args`,
    notOurs,
  ],
  [
    'an init container that never ends',
    (_, init) => void Object.assign(init, { restartPolicy: 'Always' }),
    'spec.initContainers[countersign-init].restartPolicy',
    "may not be there: nobody may add to Countersign's own container",
  ],
  [
    'an env file on disk',
    ({ spec }) => void Object.assign(spec.volumes[3] ?? {}, { emptyDir: {} }),
    'spec.volumes[countersign-env]',
    notOurs,
  ],
  ['no env file', ({ spec }) => void spec.volumes.pop(), 'spec.volumes[countersign-env]', removed],
  [
    'a consumer that mounts the env file',
    (_, __, api) => void api.volumeMounts?.push({ name: 'countersign-env', mountPath: '/x' }),
    'spec.containers[api].volumeMounts[countersign-env]',
    used,
  ],
  ['a consumer without its variable', (_, __, api) => void api.env?.shift(), PASSWORD, removed],
  [
    'a variable that may be missing',
    (_, __, api) =>
      void api.env?.splice(0, 1, {
        name: 'PASSWORD',
        valueFrom: {
          fileKeyRef: { volumeName: 'countersign-env', path: 'env', key: 'PASSWORD', optional: true },
        },
      }),
    PASSWORD,
    notOurs,
  ],
  [
    'a variable of another file',
    (_, __, api) => void api.env?.splice(0, 1, reads('PASSWORD', 'data')),
    PASSWORD,
    'sets the same variable as countersign.dev/env.PASSWORD; keep one of the two',
  ],
  [
    'a second variable of the value',
    (_, __, api) => void api.env?.push(reads('COPY', 'countersign-env')),
    'spec.containers[api].env[COPY]',
    used,
  ],
  [
    'an unselected container with the value',
    ({ spec }) =>
      void Object.assign(spec.containers[1] ?? {}, { env: [reads('PASSWORD', 'countersign-env')] }),
    'spec.containers[log].env[PASSWORD]',
    used,
  ],
  [
    'a value that is read from the state',
    ({ spec }) => void Object.assign(spec.containers[1] ?? {}, { env: [reads('X', 'countersign-state')] }),
    'spec.containers[log].env[X]',
    used,
  ],
];

it('is whole as it was patched, and is left alone', () => {
  expect(check(WHOLE)).toEqual([]);
  expect(planInjection({ ...INPUT, pod: WHOLE })).toEqual({ kind: 'nothing', reason: 'already' });
});

describe('a pod with a sidecar and variables, altered', () => {
  it.each(TAMPERINGS)('has %s', (_, change, field, message) => {
    expect(check(changed(change, WHOLE))).toContainEqual({ field, message });
  });

  it.each(TAMPERINGS)('may not be updated to have %s', (_, change, field) => {
    const fields = checkUpdate(WHOLE, changed(change, WHOLE), SETTINGS).map((problem) => problem.field);

    expect(fields).toContain(field);
  });

  it.each<[string, Change, string, string]>([
    [
      'a variable of ours set to another value behind it',
      (_, __, api) => void api.env?.push({ name: 'PASSWORD', value: 'x' }),
      PASSWORD,
      "sets a variable of Countersign's to another value",
    ],
    [
      'the sidecar in front',
      ({ spec }) => void spec.initContainers.unshift(...spec.initContainers.splice(1, 1)),
      SIDECAR,
      'starts before countersign-init, which writes what it reads',
    ],
    [
      'a consumer in front',
      ({ spec }) => void spec.initContainers.unshift(...spec.initContainers.splice(2, 1)),
      'spec.initContainers[migrate]',
      'starts before countersign-init, which writes what it reads',
    ],
    [
      'a foreign image in its sidecar',
      ({ spec }) => void Object.assign(spec.initContainers[1] ?? {}, { image: 'evil:1' }),
      `${SIDECAR}.image`,
      "evil:1 is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
  ])('has, beside a seal that holds, %s', (_, change, field, message) => {
    expect(check(changed(change, WHOLE))).toEqual([{ field, message }]);
  });

  it.each<[string, Change]>([
    ['a variable of its own more', (_, __, api) => void api.env?.unshift({ name: 'A', value: 'b' })],
    [
      'another’s init container between ours',
      ({ spec }) => void spec.initContainers.splice(1, 0, { name: 'x' }),
    ],
  ])('may have %s', (_, change) => {
    expect(check(changed(change, WHOLE))).toEqual([]);
  });

  it('is not entered by an ephemeral container, nor read', () => {
    const ephemeralContainers = [
      { name: 'a', targetContainerName: 'countersign-agent' },
      { name: 'b', env: [reads('X', 'countersign-env')] },
      { name: 'c', volumeMounts: [{ name: 'countersign-env', mountPath: '/x' }] },
    ];

    expect(checkEphemeral({ spec: { ephemeralContainers } }).map(({ field }) => field)).toEqual([
      'spec.ephemeralContainers[a].targetContainerName',
      'spec.ephemeralContainers[b].env[X]',
      'spec.ephemeralContainers[c].volumeMounts[countersign-env]',
    ]);
  });
});
