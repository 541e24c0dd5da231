import { describe, expect, it } from 'vitest';
import { mountConflicts, ownVolumes } from '../../../../src/core/inject/mounts.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

const OTHER = { name: 'log', volumeMounts: [{ name: 'run', mountPath: '/logs' }] };
const CONSUMER = { name: 'api', volumeMounts: [{ name: 'run', mountPath: '/var/run' }] };

/** Conflicts of a container that mounts an emptyDir above our place. */
function above(mount: JsonObject, spec: JsonObject = {}): number {
  const container = { name: 'api', volumeMounts: [{ ...CONSUMER.volumeMounts[0], ...mount }] };
  const pod = { volumes: [{ name: 'run', emptyDir: {} }], containers: [container], ...spec };
  return mountConflicts(container, 'spec.containers[api]', ownVolumes(pod)).length;
}

const conflicts = (mountPath: unknown, name = 'data') =>
  mountConflicts(
    { volumeMounts: [{ name, mountPath: mountPath as string }] },
    'spec.containers[api]',
    new Set(),
  ).length;

describe('a mount in a consumer', () => {
  it.each([
    '/var/run/secrets/countersign.dev',
    '/var/run/secrets/countersign.dev/',
    '//var/run/./secrets/countersign.dev',
    '/var/run/secrets/x/../countersign.dev',
    'var/run/secrets/countersign.dev',
    '/run/secrets/countersign.dev',
    '/run/secrets/countersign.dev/file',
    '/var/run/secrets/countersign.dev/file',
    '/var/run/secrets',
    '/var/run',
    '/run',
    '/var',
    '/',
    '/..',
    '',
  ])('overlaps our place: %j', (path) => {
    expect(conflicts(path)).toBe(1);
  });

  it.each([
    '/var/run/secrets/kubernetes.io/serviceaccount',
    '/var/run/secrets/countersign.dev.old',
    '/var/run/secrets/countersign',
    '/var/runs',
    '/runs',
    '/data',
    '/var/log',
  ])('lies elsewhere: %s', (path) => {
    expect(conflicts(path)).toBe(0);
  });

  it('may lie above it where the container has the volume for itself', () => {
    expect(above({})).toBe(0);
    expect(above({ mountPath: '/run' })).toBe(0);
    expect(above({ readOnly: false, mountPropagation: 'None', subPath: 'x' })).toBe(0);
  });

  it.each<[string, JsonObject, JsonObject?]>([
    ['in our very place', { mountPath: '/run/secrets/countersign.dev' }],
    ['below it', { mountPath: '/var/run/secrets/countersign.dev/x' }],
    ['what is read-only, where nothing can be mounted', { readOnly: true }],
    ['what takes mounts of the host', { mountPropagation: 'HostToContainer' }],
    ['another kind of volume', {}, { volumes: [{ name: 'run', hostPath: { path: '/run' } }] }],
    ['a volume that is not there', {}, { volumes: [] }],
    ['a volume of no kind', {}, { volumes: [{ name: 'run', emptyDir: null }] }],
    ['what a sidecar shares', {}, { initContainers: [OTHER] }],
    ['what another container shares', {}, { containers: [CONSUMER, OTHER] }],
  ])('may not be %s', (_, mount, spec) => {
    expect(above(mount, spec)).toBe(1);
  });

  it('of ours is no conflict', () => {
    expect(conflicts('/var/run/secrets/countersign.dev', 'countersign-files')).toBe(0);
  });
});
