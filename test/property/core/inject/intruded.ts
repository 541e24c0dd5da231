import * as fc from 'fast-check';
import { type Json, type JsonObject, listOf, objectOf, textOf } from '../../../../src/core/json.ts';
import { text } from './hostile.ts';
import { changedAt, type Path, valueAt } from './tampered.ts';

/** An injected pod with one thing more that nobody but Countersign may put there. */

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const OUR_CONTAINERS = ['countersign-init', 'countersign-agent'] as const;

const ourVolume = fc.oneof(
  fc.constantFrom('countersign-token', 'countersign-state', 'countersign-files', 'countersign-env'),
  text.map((rest) => `countersign-${rest}`),
);
const mountOfOurs = fc.record({
  name: ourVolume,
  mountPath: fc.constantFrom('/x', '/'),
  readOnly: fc.boolean(),
});
const variableOfOurs = fc.record({
  name: fc.constantFrom('X', 'DB_PASSWORD', ''),
  valueFrom: fc.record({ fileKeyRef: fc.record({ volumeName: ourVolume, path: text, key: text }) }),
});
const theirs: fc.Arbitrary<JsonObject> = fc.oneof(
  mountOfOurs.map((mount) => ({ name: 'stranger', volumeMounts: [mount] })),
  variableOfOurs.map((entry) => ({ name: 'stranger', env: [entry] })),
  fc.constantFrom(...OUR_CONTAINERS).map((name) => ({ name, image: 'registry.example/countersign/agent:2' })),
);
const annotation = fc.constantFrom<readonly [string, string]>(
  ['accessor', 'x'],
  ['file.stolen', 'db'],
  ['env.STOLEN', 'db.password'],
  ['credential.stolen', 'secret/data/other'],
  ['identity.stolen', 'other'],
  ['containers.stolen', 'x'],
  ['refresh.stolen', '10s'],
);
/** What may not be set in a container of ours, where it does not stand already. */
const addition = fc.constantFrom<readonly [string, Json]>(
  ['lifecycle', { postStart: { exec: { command: ['sh'] } } }],
  ['livenessProbe', { exec: { command: ['sh'] } }],
  ['workingDir', '/x'],
  ['stdin', true],
  ['ports', [{ containerPort: 9229 }]],
  ['envFrom', [{ secretRef: { name: 'x' } }]],
  ['volumeDevices', [{ name: 'x', devicePath: '/dev/x' }]],
  ['terminationMessagePath', '/var/run/countersign/state/state.json'],
);
const harmful = fc.constantFrom(
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'VAULT_ADDR',
);

export function intruded(pod: JsonObject): fc.Arbitrary<JsonObject> {
  const lists = CONTAINER_LISTS.map((list): Path => ['spec', list]);
  const containersIn = (wanted: (name: string) => boolean) =>
    lists.flatMap((list) =>
      listOf(valueAt(pod, list)).flatMap((container, at): Path[] =>
        wanted(textOf(objectOf(container)['name']) ?? '') ? [[...list, at]] : [],
      ),
    );
  const isOurs = (name: string) => OUR_CONTAINERS.some((ours) => ours === name);
  const ours = fc.constantFrom(...containersIn(isOurs));
  const others = fc.constantFrom(...containersIn((name) => !isOurs(name)));
  const added = (list: Path, item: JsonObject) =>
    changedAt(pod, list, [...listOf(valueAt(pod, list)), item] as Json);
  return fc.oneof(
    fc.tuple(fc.constantFrom(...lists), theirs).map(([list, container]) => added(list, container)),
    fc.tuple(others, mountOfOurs).map(([at, mount]) => added([...at, 'volumeMounts'], mount)),
    fc.tuple(others, variableOfOurs).map(([at, entry]) => added([...at, 'env'], entry)),
    ourVolume.map((name) => added(['spec', 'volumes'], { name, emptyDir: {} })),
    annotation.map(([key, value]) =>
      changedAt(pod, ['metadata', 'annotations', `countersign.dev/${key}`], value),
    ),
    fc.tuple(ours, addition).map(([at, [field, value]]) => changedAt(pod, [...at, field], value)),
    fc.tuple(ours, harmful).map(([at, name]) => added([...at, 'env'], { name, value: 'x' })),
    ours.map((at) => changedAt(pod, [...at, 'image'], 'registry.example/countersign/agent-not:1')),
  );
}

/** An injected pod, so changed that what it reads is not what Countersign wrote: nothing of ours is touched. */
export function shadowed(pod: JsonObject): fc.Arbitrary<JsonObject> {
  const shadows = ['initContainers', 'containers'].flatMap((list) =>
    listOf(valueAt(pod, ['spec', list])).flatMap((container, at) =>
      shadowsOver(container, ['spec', list, at]),
    ),
  );
  return fc
    .constantFrom(...shadows)
    .map(([list, item]) => changedAt(pod, list, [...listOf(valueAt(pod, list)), item] as Json));
}

const HIDING = [
  '/var/run/secrets/countersign.dev',
  '/run/secrets/countersign.dev/main',
  '/var/../run//secrets/',
];

/** Lists of a container, each with what would stand over something of ours in it. */
function shadowsOver(container: unknown, at: Path): readonly (readonly [Path, JsonObject])[] {
  const { name: owner, volumeMounts, env } = objectOf(container);
  if (OUR_CONTAINERS.some((name) => name === owner)) return [];
  const mounted = listOf(volumeMounts).some((mount) => objectOf(mount)['name'] === 'countersign-files');
  const variables = listOf(env)
    .map(objectOf)
    .filter(
      ({ valueFrom }) => objectOf(objectOf(valueFrom)['fileKeyRef'])['volumeName'] === 'countersign-env',
    );
  return [
    ...(mounted ? HIDING : []).map(
      (mountPath) => [[...at, 'volumeMounts'], { name: 'shared', mountPath }] as const,
    ),
    ...variables.map(({ name }) => [[...at, 'env'], { name, value: 'forged' }] as const),
  ];
}
