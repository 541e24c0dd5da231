import { describe, expect, it } from 'vitest';
import { createAcl } from '../../../../src/core/vault/acl.ts';
import { withheld } from '../../../../src/core/vault/covers.ts';
import type { VaultLogin } from '../../../../src/core/vault/held.ts';
import { fixVault } from '../../../../src/core/verdict/fix-vault.ts';
import type { NamedLogin } from '../../../../src/core/verdict/vault-login.ts';
import { judge, vaultOnly } from '../../../../src/core/verdict/verdict.ts';
import { vaultHeld, vaultLogin } from '../../../support/vault-held.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

const NAMED: NamedLogin = { connection: 'default', role: 'shop_api', maxTtlSeconds: 3600 };

function fixed(login: VaultLogin, ...lines: string[]) {
  const vault = { held: vaultHeld(login), named: NAMED };
  const needs = scopes(...lines);
  const { findings } = judge(verdictInput({ rules: [], dangling: [], unfilled: [] }, needs, { vault }));
  return fixVault(vault, vaultOnly(needs), findings);
}

describe('what is missing in Vault', () => {
  it('is given by a policy of its own, beside those that the role has', () => {
    const login = vaultLogin({ shop: ['read secret/data/a'] });

    expect(fixed(login, 'vault read secret/data/a', 'vault update,read transit/sign/+')).toEqual({
      fixes: [
        {
          login: { connection: 'default', mount: 'kubernetes', role: 'shop_api' },
          policy: {
            name: 'countersign-shop_api',
            rules: [
              { path: 'secret/data/a', capabilities: ['read'], constraints: [] },
              { path: 'transit/sign/+', capabilities: ['read', 'update'], constraints: [] },
            ],
          },
          fields: [['token_policies', 'shop,countersign-shop_api']],
        },
      ],
      advice: [],
    });
  });

  it('is given with what is needed by a wider pattern too, since the most exact rule alone counts', () => {
    const login = vaultLogin({ shop: ['read kv/*'] });
    const needs = ['vault read kv/*', 'vault update kv/a'];
    const { fixes } = fixed(login, ...needs);
    const [{ policy } = { policy: undefined }] = fixes;
    const known = [
      { name: 'shop', rules: [{ path: 'kv/*', capabilities: ['read'], constraints: [] }] },
    ] as const;
    const after = createAcl([...known, ...(policy === undefined ? [] : [policy])], 'openbao');

    expect(policy?.rules).toContainEqual({ path: 'kv/a', capabilities: ['read', 'update'], constraints: [] });
    expect(vaultOnly(scopes(...needs)).flatMap((need) => withheld(after, need))).toEqual([]);
  });

  it('is for the owner of the policy that denies it', () => {
    const login = vaultLogin({ base: ['deny secret/data/root'] });

    expect(fixed(login, 'vault read secret/data/root').advice).toEqual([
      {
        kind: 'ask',
        text: 'vault read secret/data/root stays refused for Vault role shop_api: policy base says otherwise there, so ask its owner',
      },
    ]);
  });
});

describe('a login that would not work', () => {
  it.each<[string, Partial<VaultLogin['terms']>, readonly (readonly string[])[]]>([
    ['gets the audience that is asked for', { audiences: ['bao'] }, [['audience', 'vault']]],
    ['gets tokens for any number of calls', { numUses: 2 }, [['token_num_uses', '0']]],
  ])('%s', (_, terms, want) => {
    const { fixes } = fixed(vaultLogin({ a: ['read kv/a'] }, { terms }), 'vault read kv/a');

    expect(fixes.map(({ fields, policy }) => [fields, policy])).toEqual([[want, undefined]]);
  });

  it.each<[string, VaultLogin, string]>([
    [
      'is bound by who keeps it',
      vaultLogin({}, { role: 'other' }),
      'let Vault role shop_api take the service account, or name another role',
    ],
    [
      'is closed by who keeps it',
      vaultLogin({}, { anyAccount: true }),
      'Vault role shop_api is open to any service account: bind it to its own',
    ],
    [
      'is made shorter by who keeps it',
      vaultLogin({}, { terms: { maxTtlSeconds: 7200 } }),
      'tokens of Vault role shop_api live 7200 s, not 3600 s at most: lower its token_max_ttl',
    ],
  ])('%s', (_, login, want) => {
    expect(fixed(login).advice).toEqual([{ kind: 'ask', text: want }]);
  });
});

it('what is too much in Vault is for the owners of the policies', () => {
  expect(fixed(vaultLogin({ a: ['read kv/*'], b: ['read kv/*'] })).advice).toEqual([
    {
      kind: 'ask',
      text: 'Vault role shop_api gives more than is needed by policies a, b: others may use them, so ask their owner',
    },
  ]);
});
