import { describe, expect, it } from 'vitest';
import { agentConfig, configProblems, configText } from '../../../../src/core/inject/config.ts';
import type { VaultConnection } from '../../../../src/core/inject/settings.ts';
import { ASKS, LOGIN, requestOf, SETTINGS } from './fixtures.ts';

const { default: CONNECTION, far } = SETTINGS.vaults as Readonly<Record<'default' | 'far', VaultConnection>>;

function problemsOf(path: string): readonly string[] {
  const request = requestOf({ ...ASKS, 'countersign.dev/credential.db': path });
  return configProblems(request, CONNECTION, '').map(({ field, message }) => `${field}: ${message}`);
}

describe('what the agent is told', () => {
  it('names only what the connection has', () => {
    expect(Object.keys(agentConfig(requestOf(ASKS), CONNECTION, LOGIN).vault)).toEqual([
      'address',
      'authMount',
      'authMethod',
      'role',
    ]);
    expect(agentConfig(requestOf(ASKS), far, LOGIN).vault).toMatchObject({
      namespace: 'eu',
      ca: far.ca,
      tlsServerName: 'vault.far',
    });
  });

  it('holds no dollar, which Kubernetes would expand', () => {
    const text = configText(agentConfig(requestOf(ASKS), CONNECTION, { ...LOGIN, role: '$(HOME)$$' }));

    expect(text).not.toContain('$');
    expect(JSON.parse(text)).toMatchObject({ vault: { role: '$(HOME)$$' } });
  });

  it.each([
    ['secret/data/db', true],
    ['team/kv/data/db', true],
    ['secret/metadata/db', false],
    ['secrets/data/db', false],
    ['other/data/db', false],
  ])('says that values of %s are one level deeper: %j', (path, kv2) => {
    const request = requestOf({ ...ASKS, 'countersign.dev/credential.db': path });

    expect(agentConfig(request, CONNECTION, LOGIN).credentials).toMatchObject([{ name: 'db', path, kv2 }]);
  });
});

describe('a path below a mount of KV version 2', () => {
  it.each(['data', 'metadata', 'subkeys', 'delete', 'undelete', 'destroy', 'config'])(
    'may go through %s',
    (segment) => {
      expect(problemsOf(`secret/${segment}/db`)).toEqual([]);
    },
  );

  it.each([
    ['secret/db', 'secret', 'secret/data/db'],
    ['team/kv/shop/db', 'team/kv', 'team/kv/data/shop/db'],
    ['secret/database', 'secret', 'secret/data/database'],
  ])('is not %s', (path, mount, instead) => {
    expect(problemsOf(path)).toEqual([
      `countersign.dev/credential.db: ${mount} is a KV version 2 mount, whose API paths go through data; write ${instead}`,
    ]);
  });

  it.each(['secrets/db', 'database/creds/secret', 'team/db'])('is no matter of %s', (path) => {
    expect(problemsOf(path)).toEqual([]);
  });
});

describe('all that is asked for', () => {
  it.each([
    ['fits', 'a'.repeat(120 * 1024), 0],
    ['fits, in letters of two bytes', 'é'.repeat(60 * 1024), 0],
    ['is too long', 'a'.repeat(120 * 1024 + 1), 1],
    ['is too long, in letters of two bytes', 'é'.repeat(60 * 1024 + 1), 1],
  ])('%s', (_, config, count) => {
    const problems = configProblems(requestOf(ASKS), CONNECTION, config);

    expect(problems).toHaveLength(count);
    for (const { message } of problems) expect(message).toContain('exceed 120 KiB');
  });
});
