import { describe, expect, it } from 'vitest';
import { mountConflicts } from '../../../../src/core/inject/mounts.ts';

const conflicts = (mountPath: unknown, name = 'data') =>
  mountConflicts({ volumeMounts: [{ name, mountPath: mountPath as string }] }, 'spec.containers[api]').length;

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

  it('of ours is no conflict', () => {
    expect(conflicts('/var/run/secrets/countersign.dev', 'countersign-files')).toBe(0);
  });
});
