import { expect, it } from 'vitest';
import { impliedScopes } from '../../../../src/core/inject/needs.ts';
import { requestOf } from './fixtures.ts';

it('needs to read what it reads and to update what it calls, each once and sorted by path', () => {
  const request = requestOf({
    'countersign.dev/inject': 'true',
    'countersign.dev/credential.z': 'database/creds/app',
    'countersign.dev/credential.a': 'write pki/issue/app cn=x',
    'countersign.dev/credential.b': 'secret/data/x',
    'countersign.dev/credential.c': 'secret/data/x',
    'countersign.dev/file.all': '{z.a}{a.a}{b.a}{c.a}',
  });

  expect(impliedScopes(request)).toEqual([
    { kind: 'vault', capabilities: ['read'], path: 'database/creds/app' },
    { kind: 'vault', capabilities: ['update'], path: 'pki/issue/app' },
    { kind: 'vault', capabilities: ['read'], path: 'secret/data/x' },
  ]);
});

it('needs to read the tokens of the identity engine', () => {
  const request = requestOf({
    'countersign.dev/inject': 'true',
    'countersign.dev/identity.jwt': 'shop aud=x',
  });

  expect(impliedScopes(request)).toEqual([
    { kind: 'vault', capabilities: ['read'], path: 'identity/oidc/token/shop' },
  ]);
});

it('needs nothing for the token alone', () => {
  expect(impliedScopes(requestOf({ 'countersign.dev/inject': 'true' }))).toEqual([]);
});
