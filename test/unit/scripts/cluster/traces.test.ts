import { describe, expect, it } from 'vitest';
import { mountsBelow } from '../../../../scripts/cluster/folder.ts';
import { hierarchies, ownerOf } from '../../../../scripts/cluster/traces.ts';

const unified = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n';
const legacy = [
  'tmpfs /sys/fs/cgroup tmpfs rw 0 0',
  'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0',
  'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0',
  'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
  '',
].join('\n');

describe('the hierarchies of control groups', () => {
  it('are one in version 2', () => {
    expect(hierarchies(unified)).toEqual(['/sys/fs/cgroup']);
  });

  it('are one for each controller in version 1, and one of version 2 beside them', () => {
    const folders = ['cpu', 'memory', 'unified'].map((name) => `/sys/fs/cgroup/${name}`);
    expect(hierarchies(legacy)).toEqual(folders);
  });
});

describe('the mounts below a folder', () => {
  it('are told from those beside it, with blanks in their names, oldest first', () => {
    const mounts = ['/tmp/a', '/tmp/a/one', '/tmp/ab', '/tmp/a/two\\040words', '/']
      .map((path) => `tmpfs ${path} tmpfs rw 0 0`)
      .join('\n');
    expect(mountsBelow('/tmp/a', `${mounts}\n`)).toEqual(['/tmp/a/one', '/tmp/a/two words']);
  });
});

describe('the owner of a sandbox', () => {
  it.each([
    ['countersign-sandbox-4711-aB3dE6', 4711],
    ['countersign-sandbox-4711-aB3dE6.bak', undefined],
    ['countersign-sandbox--aB3dE6', undefined],
    ['countersign-cluster-4711-aB3dE6', undefined],
    ['a-countersign-sandbox-4711-aB3dE6', undefined],
  ])('is in its folder’s name: %s', (name, owner) => {
    expect(ownerOf(name)).toBe(owner);
  });
});
