import * as fc from 'fast-check';
import { type Json, type JsonObject, listOf } from '../../../../src/core/json.ts';
import { type Asking, asking } from './arbitrary.ts';
import { text } from './hostile.ts';
import { changedAt, type Path, valueAt } from './tampered.ts';

/** Pods that ask rightly and can't be given anything. */

type Obstacle = readonly [Path, (before: readonly Json[]) => Json];

const more =
  (item: JsonObject) =>
  (before: readonly Json[]): Json => [...before, item];

const obstacle: fc.Arbitrary<Obstacle> = fc.oneof(
  fc.constantFrom<Obstacle>(
    [['spec', 'os'], () => ({ name: 'windows' })],
    [['spec', 'nodeSelector'], () => ({ 'kubernetes.io/os': 'windows' })],
    [['spec', 'nodeSelector'], () => ({ 'beta.kubernetes.io/os': 'windows', x: 'y' })],
    [['metadata', 'annotations', 'vault.hashicorp.com/agent-inject'], () => 'true'],
    [['metadata', 'annotations', 'vault.security.banzaicloud.io/vault-role'], () => 'x'],
    [['metadata', 'annotations', 'countersign.dev/accessor'], () => 'x'],
    [['spec', 'containers'], () => []],
    [['spec', 'containers'], () => 'x'],
    [['spec', 'containers', 0, 'name'], () => null],
    [['spec', 'volumes'], () => [null, 1]],
  ),
  text.map((rest): Obstacle => [['spec', 'volumes'], more({ name: `countersign-${rest}`, emptyDir: {} })]),
  fc
    .tuple(
      fc.constantFrom('initContainers', 'containers', 'ephemeralContainers'),
      fc.constantFrom('countersign-init', 'countersign-agent'),
    )
    .map(([list, name]): Obstacle => [['spec', list], more({ name })]),
  fc
    .integer({ min: 1001, max: 1100 })
    .map(
      (count): Obstacle => [
        ['spec', 'containers'],
        (before) => [...before, ...Array.from({ length: count }, (_, at) => ({ name: `c${at}` }))],
      ],
    ),
);

export const hopeless: fc.Arbitrary<Asking> = fc
  .tuple(asking, obstacle)
  .map(([{ pod, annotations }, [path, make]]) => ({
    annotations,
    pod: changedAt(pod, path, make(listOf(valueAt(pod, path)) as readonly Json[])),
  }));
