import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { VaultHeld } from '../../../../src/core/vault/held.ts';
import { type Finding, heldBy } from '../../../../src/core/verdict/findings.ts';
import type { NamedLogin } from '../../../../src/core/verdict/vault-login.ts';
import { judge, type VerdictInput } from '../../../../src/core/verdict/verdict.ts';
import { pathRule, vaultHeld, vaultLogin } from '../../../support/vault-held.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

const NAMED: NamedLogin = { connection: 'default', role: 'shop_api', maxTtlSeconds: undefined };
/** Nobody knows what it gives, so it could be anything. */
const UNREAD = 'excess? VaultNotRead critical | default: Vault is sealed';
const NO_RBAC = { rules: [], dangling: [], unfilled: [] };
const NOTHING = { logins: [], read: [], unread: [{ connection: 'default', why: 'Vault is sealed' }] };

function lineOf(finding: Finding): string {
  const { check, reason, risk, scope, detail, undetermined } = finding;
  return [
    undetermined ? `${check}?` : check,
    reason,
    risk,
    scope && printScope(scope),
    heldBy(finding) && `| ${heldBy(finding)}`,
    detail && `| ${detail}`,
  ]
    .filter(Boolean)
    .join(' ');
}

function found(
  held: VaultHeld,
  needs: readonly string[],
  { named, ...more }: Partial<VerdictInput> & { readonly named?: NamedLogin | undefined } = { named: NAMED },
): readonly string[] {
  const input = verdictInput(NO_RBAC, scopes(...needs), { vault: { held, named }, ...more });
  return judge(input).findings.map(lineOf);
}

describe('what a workload needs of Vault', () => {
  const shop = vaultLogin({ shop: ['read secret/data/shop/*', 'deny secret/data/shop/root'] });

  it.each<[string, VaultHeld, readonly string[], readonly string[]]>([
    ['is held by the login that it names', vaultHeld(shop), ['vault read secret/data/shop/db'], []],
    [
      'is missing where a narrower rule withholds it, with the path at which it is refused',
      vaultHeld(shop),
      ['vault read secret/data/shop/+'],
      [
        'missing MissingInVault vault read secret/data/shop/+ | Vault role shop_api → policy shop | secret/data/shop/root',
      ],
    ],
    [
      'is missing where no rule gives it',
      vaultHeld(shop),
      ['vault update transit/sign/pay'],
      ['missing MissingInVault vault update transit/sign/pay | Vault role shop_api | transit/sign/pay'],
    ],
    [
      'is open where the rule asks for parameters',
      vaultHeld(vaultLogin({ shop: [pathRule('update transit/sign/pay', ['required_parameters context'])] })),
      ['vault update transit/sign/pay'],
      [
        'missing? VaultConstrained vault update transit/sign/pay | Vault role shop_api → policy shop | transit/sign/pay: required_parameters context',
      ],
    ],
    [
      'is open where a policy of the role could not be read, whatever the others say',
      vaultHeld({ ...shop, unknown: ['policy extra: permission denied'] }),
      ['vault read secret/data/shop/db'],
      [
        'missing? VaultPolicyNotRead vault read secret/data/shop/db | Vault role shop_api | policy extra: permission denied',
      ],
    ],
  ])('%s', (_, held, needs, want) => {
    // What is held is allowed, so that only what is needed shows.
    expect(found(held, needs, { named: NAMED, allow: scopes('vault read,update *') })).toEqual(want);
  });

  it('is held by any login where it names none', () => {
    const other = vaultLogin({ other: ['read kv/a'] }, { role: 'other' });
    const needs = ['vault read kv/a', 'vault read secret/data/shop/+', 'vault read kv/b'];
    const allow = scopes('vault read secret/data/shop/*');

    expect(found(vaultHeld(shop, other), needs, { allow })).toEqual([
      'missing MissingInVault vault read kv/b | Vault role shop_api | kv/b',
      'missing MissingInVault vault read secret/data/shop/+ | Vault role shop_api → policy shop | secret/data/shop/root',
    ]);
  });

  it.each<[string, VaultHeld, readonly string[]]>([
    ['without any login', vaultHeld(), ['missing NoVaultLogin vault read kv/a']],
    [
      'while Vault says nothing',
      NOTHING,
      ['missing? VaultNotRead vault read kv/a | Vault is sealed', UNREAD],
    ],
  ])('is judged %s', (_, held, want) => {
    expect(found(held, ['vault read kv/a'], {})).toEqual(want);
  });
});

describe('the login that a workload names', () => {
  const kv = ['vault read kv/a'];
  const login = (terms: Parameters<typeof vaultLogin>[1]) =>
    vaultHeld(vaultLogin({ a: ['read kv/a'] }, terms));

  it.each<[string, VaultHeld, NamedLogin, readonly string[]]>([
    [
      'is not there, or not for this account: which of the two is nobody’s business',
      vaultHeld(),
      NAMED,
      ['missing VaultRoleNotYours | Vault role shop_api'],
    ],
    [
      'is of a Vault that says nothing',
      NOTHING,
      NAMED,
      ['missing? VaultNotRead | Vault role shop_api | Vault is sealed', UNREAD],
    ],
    [
      'is of a connection without facts',
      vaultHeld(),
      { ...NAMED, connection: 'other' },
      [
        'missing? VaultNotRead | Vault role shop_api of other | no facts about Vault connection other at hand',
      ],
    ],
    [
      'wants another audience',
      login({ terms: { audiences: ['bao', 'openbao'] } }),
      NAMED,
      ['missing VaultAudience | Vault role shop_api | bao, openbao, not vault'],
    ],
    [
      'is written in other letters than Vault keeps it in',
      login({ terms: {} }),
      { ...NAMED, role: 'Shop_API' },
      [],
    ],
    ['takes any audience', login({ terms: { audiences: [] } }), NAMED, []],
    [
      'gives tokens for a few calls',
      login({ terms: { numUses: 3 } }),
      NAMED,
      ['missing VaultTokenUses | Vault role shop_api | 3 calls'],
    ],
    [
      'gives tokens that live too long',
      login({ terms: { maxTtlSeconds: 7200 } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      ['overreach VaultTtl | Vault role shop_api | 7200 s, not 3600 s at most'],
    ],
    [
      'gives tokens that live as long as the server likes',
      login({ terms: { ttlSeconds: undefined, maxTtlSeconds: undefined } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      ['overreach VaultTtl | Vault role shop_api | as long as the server lets them, not 3600 s at most'],
    ],
    [
      'gives tokens that are renewed for ever',
      login({ terms: { periodSeconds: 60 } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      ['overreach VaultTtl | Vault role shop_api | for ever, 60 s at a time, not 3600 s at most'],
    ],
    [
      'gives tokens that are renewed to an end that is set',
      login({ terms: { periodSeconds: 60, explicitMaxTtlSeconds: 3600 } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      [],
    ],
    [
      'gives tokens that end by the sooner of two ends',
      login({ terms: { maxTtlSeconds: 7200, explicitMaxTtlSeconds: 3000 } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      [],
    ],
    [
      'gives tokens that are not renewed',
      login({ terms: { tokenType: 'batch', ttlSeconds: 600, maxTtlSeconds: undefined } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      [],
    ],
    [
      'gives tokens that live as long as they may',
      login({ terms: { maxTtlSeconds: 3600 } }),
      { ...NAMED, maxTtlSeconds: 3600 },
      [],
    ],
  ])('%s', (_, held, named, want) => {
    const needs = want.some((line) => line.includes('RoleNotYours') || line.includes('NotRead')) ? [] : kv;

    expect(found(held, needs, { named })).toEqual(want);
  });

  it('is none where the token is made by a token role, whose policies are not read', () => {
    const named = { ...NAMED, mintedBy: 'wrapped_shop_api' };

    expect(found(vaultHeld(), kv, { named })).toEqual([
      'missing? VaultNotRead vault read kv/a | the policies of token role wrapped_shop_api are not read',
    ]);
  });

  it('is judged though the workload declares nothing: its credentials are asked for', () => {
    expect(found(vaultHeld(), [], { named: NAMED, declared: false })).toEqual([
      'missing VaultRoleNotYours | Vault role shop_api',
    ]);
  });
});

describe('what Vault gives beyond the needs', () => {
  const wide = vaultLogin(
    { wide: ['create,update auth/token/create', 'read kv/*'] },
    { role: 'wide', mount: 'jwt' },
  );

  it('is excess by every login that takes the account, named or not', () => {
    expect(found(vaultHeld(vaultLogin({ a: ['read kv/a'] }), wide), ['vault read kv/a'])).toEqual([
      'excess Excess critical vault create,update auth/token/create | Vault role wide → policy wide',
      'excess Excess medium vault read kv/* | Vault role wide → policy wide',
    ]);
  });

  it('is open beside a sibling that declares nothing, unless it is critical', () => {
    const undeclaredSiblings = ['Deployment web'];

    expect(found(vaultHeld(wide), [], { undeclaredSiblings })).toEqual([
      'excess Excess critical vault create,update auth/token/create | Vault role wide → policy wide',
      'excess? SharedWithUndeclared medium vault read kv/* | Vault role wide → policy wide | Deployment web',
    ]);
  });

  it('is a reason to declare the needs', () => {
    expect(found(vaultHeld(wide), [], { declared: false })).toEqual([
      'undeclared Undeclared | Vault role wide → policy wide',
    ]);
  });

  it('is nothing to declare where the credentials that are asked for are all there is', () => {
    expect(
      found(vaultHeld(vaultLogin({ a: ['read kv/a'] })), ['vault read kv/a'], {
        named: NAMED,
        declared: false,
      }),
    ).toEqual([]);
  });

  it('is forbidden where a line touches it', () => {
    const forbid = scopes('vault read kv/prod').map((scope) => ({ policy: 'production', scope }));

    expect(found(vaultHeld(wide), [], { forbid, allow: scopes('vault read kv/*') })).toEqual([
      'forbidden ForbiddenHeld vault read kv/* | Vault role wide → policy wide | production',
      'excess Excess critical vault create,update auth/token/create | Vault role wide → policy wide',
    ]);
  });

  it('may be forbidden, in a Vault that says nothing, where a line speaks of Vault', () => {
    const forbid = (...lines: string[]) => scopes(...lines).map((scope) => ({ policy: 'p', scope }));

    expect(found(NOTHING, [], { forbid: forbid('get secrets') })).toEqual([UNREAD]);
    expect(found(NOTHING, [], { forbid: forbid('vault read kv/prod') })).toEqual([
      'forbidden? VaultNotRead | default: Vault is sealed',
      UNREAD,
    ]);
  });

  it('is a role that takes anybody, however little it gives', () => {
    expect(found(vaultHeld(vaultLogin({}, { anyAccount: true })), [])).toEqual([
      'excess VaultRoleOpen high | Vault role shop_api',
    ]);
  });
});

describe('a ceiling', () => {
  const ceilings = (...lines: string[]) => [{ policy: 'production', scopes: scopes(...lines) }];
  const held = vaultHeld(vaultLogin({ a: ['read kv/+', 'read secret/x'] }));

  it('that speaks of Vault is one there', () => {
    expect(
      found(held, ['vault read kv/+', 'vault read secret/x'], {
        named: NAMED,
        ceilings: ceilings('vault read kv/*'),
      }),
    ).toEqual(['overreach Overreach vault read secret/x | production']);
  });

  it('that does not speak of Vault is none there', () => {
    const needs = ['vault read kv/+', 'vault read secret/x'];

    expect(found(held, needs, { named: NAMED, ceilings: ceilings('get pods') })).toEqual([]);
  });
});
