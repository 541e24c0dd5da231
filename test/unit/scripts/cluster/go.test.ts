import { describe, expect, it } from 'vitest';
import { versionProblem } from '../../../../scripts/cluster/go.ts';

describe('versionProblem', () => {
  it.each(['go1.26', 'go1.26.0', 'go1.26.8', 'go1.27rc1', 'go1.100.2', 'devel go1.27-3f1c2d Tue'])(
    '%s will do',
    (version) => {
      expect(versionProblem(version)).toBeUndefined();
    },
  );

  it.each(['go1.25.9', 'go1.3', 'go1.2', '', 'gccgo'])('"%s" is answered with what to install', (version) => {
    expect(versionProblem(version)).toContain('install Go 1.26 or later');
  });
});
