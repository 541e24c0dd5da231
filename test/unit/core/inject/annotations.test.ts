import { describe, expect, it } from 'vitest';
import {
  isRecord,
  isSealedKey,
  PREFIX,
  readKey,
  unknownKey,
} from '../../../../src/core/inject/annotations.ts';

describe('keys', () => {
  it.each([
    ['inject', 'inject', undefined, 'request'],
    ['credential.db', 'credential', 'db', 'request'],
    ['file.tls.crt', 'file', 'tls.crt', 'request'],
    ['containers', 'containers', undefined, 'request'],
    ['containers.db', 'containers', 'db', 'request'],
    ['env.DB_URL', 'env', 'DB_URL', 'request'],
    ['identity.token', 'identity', 'token', 'request'],
    ['refresh.db', 'refresh', 'db', 'request'],
    ['needs', 'needs', undefined, 'declaration'],
    ['break-glass', 'break-glass', undefined, 'declaration'],
    ['injected', 'injected', undefined, 'record'],
    ['accessor', 'accessor', undefined, 'record'],
  ])('%s is known', (key, name, argument, purpose) => {
    expect(readKey(`${PREFIX}${key}`)).toEqual({ key: `${PREFIX}${key}`, name, argument, purpose });
  });

  it.each(['', 'Inject', 'credential', 'inject.x', 'needs.x', 'constructor', '__proto__', 'file'])(
    '"%s" is not known',
    (key) => {
      expect(readKey(`${PREFIX}${key}`)).toBeUndefined();
    },
  );

  it.each([
    ['injet', 'countersign.dev/inject'],
    ['Inject', 'countersign.dev/inject'],
    ['credentials.db', 'countersign.dev/credential.<name>'],
    ['credential', 'countersign.dev/credential.<name>'],
    ['vault_role', 'countersign.dev/vault-role'],
    ['files.x', 'countersign.dev/file.<file name>'],
    ['container', 'countersign.dev/containers'],
    ['container.db', 'countersign.dev/containers.<credential>'],
    ['need', 'countersign.dev/needs'],
  ])('%s is answered with the nearest key', (key, nearest) => {
    expect(unknownKey(`${PREFIX}${key}`)).toBe(`there is no such annotation; did you mean ${nearest}?`);
  });

  it('names all keys where none is near', () => {
    expect(unknownKey(`${PREFIX}colour-of-the-sky`)).toMatch(
      /^there is no such annotation; known are inject, vault, .*accessor$/,
    );
  });

  it('judges a huge key quickly', () => {
    expect(unknownKey(`${PREFIX}${'x'.repeat(1_000_000)}`)).toContain('no such annotation');
  });

  it('seals requests and records, but neither the seal nor declarations', () => {
    const sealed = ['inject', 'file.x', 'accessor', 'injected', 'needs', 'break-glass', 'nothing'].filter(
      (key) => isSealedKey(`${PREFIX}${key}`),
    );

    expect(sealed).toEqual(['inject', 'file.x', 'accessor']);
    expect(isRecord(`${PREFIX}injected`)).toBe(true);
    expect(isRecord('injected')).toBe(false);
  });
});
