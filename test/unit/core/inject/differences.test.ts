import { describe, expect, it } from 'vitest';
import { differences, intrusions } from '../../../../src/core/inject/differences.ts';
import type { Part } from '../../../../src/core/inject/parts.ts';
import type { Json } from '../../../../src/core/json.ts';

const part = (path: Part['path'], value: Json = 'x'): Part => ({ path, value });
const VOLUME = 'volume names that start with "countersign-" belong to Countersign';
const INIT = ['spec.initContainers', 'countersign-init'] as const;

describe('what only Countersign may put into a pod', () => {
  it.each<[Part['path'], string, string]>([
    [['spec.volumes', 'countersign-files'], 'spec.volumes[countersign-files]', VOLUME],
    [['spec.volumes', 'countersign-init'], 'spec.volumes[countersign-init]', VOLUME],
    [['spec.volumes', 'countersign-agent', 'name'], 'spec.volumes[countersign-agent]', VOLUME],
    [
      [...INIT, 'name'],
      'spec.initContainers[countersign-init]',
      "this container's name belongs to Countersign",
    ],
    [
      ['spec.containers', 'api', 'volumeMounts', 'countersign-files'],
      'spec.containers[api].volumeMounts[countersign-files]',
      "uses a volume of Countersign's, which only Countersign may give to a container",
    ],
    [
      ['metadata.annotations', 'countersign.dev/injected'],
      'countersign.dev/injected',
      'is for Countersign to write',
    ],
    [
      ['metadata.annotations', 'countersign.dev/accessor'],
      'countersign.dev/accessor',
      'is for Countersign to write',
    ],
  ])('%j', (path, field, message) => {
    expect(intrusions([part(path)])).toEqual([{ field, message }]);
  });

  it('is named once for a container: what is in it goes with its name', () => {
    expect(intrusions([part([...INIT, 'command']), part([...INIT, 'env', 'NODE_OPTIONS'])])).toEqual([]);
  });

  it('is not what a person writes', () => {
    expect(intrusions([part(['metadata.annotations', 'countersign.dev/inject'])])).toEqual([]);
  });
});

describe('a difference', () => {
  const [command, annotation] = [
    part([...INIT, 'command']),
    part(['metadata.annotations', 'countersign.dev/vault']),
  ];

  it.each<[string, readonly Part[], readonly Part[], readonly string[]]>([
    ['none', [command, annotation], [annotation, command], []],
    [
      'what was removed',
      [command],
      [],
      ['spec.initContainers[countersign-init].command: is missing: Countersign wrote it, and it was removed'],
    ],
    [
      'what was added to our container',
      [],
      [part([...INIT, 'env', 'LD_PRELOAD'])],
      [
        "spec.initContainers[countersign-init].env[LD_PRELOAD]: may not be there: nobody may add to Countersign's own container",
      ],
    ],
    [
      'what was asked for later',
      [],
      [annotation],
      ['countersign.dev/vault: was not there when the pod was injected'],
    ],
    [
      'what was altered',
      [command],
      [part(command.path, 'y')],
      ['spec.initContainers[countersign-init].command: is not what Countersign wrote'],
    ],
    [
      'a second one in the same place',
      [command],
      [command, command],
      ['spec.initContainers[countersign-init].command: is not what Countersign wrote'],
    ],
    [
      'another first of two in the same place',
      [part(command.path, 'x'), part(command.path, 'z')],
      [part(command.path, 'y'), part(command.path, 'z')],
      ['spec.initContainers[countersign-init].command: is not what Countersign wrote'],
    ],
  ])('is %s', (_, expected, actual, want) => {
    expect(differences(expected, actual).map(({ field, message }) => `${field}: ${message}`)).toEqual(want);
  });

  it('has a place as people write it, without what a terminal would obey', () => {
    const path: Part['path'] = [...INIT, 'resources', 'limits', 'cpu'];

    expect(differences([], [part(path)])[0]?.field).toBe(
      'spec.initContainers[countersign-init].resources.limits.cpu',
    );
    expect(differences([], [part(['spec.containers', 'a\u001b', 'env', 'b\n'])])[0]?.field).toBe(
      String.raw`spec.containers[a\u001b].env[b\u000a]`,
    );
  });
});
