/** What templates in the paths of a policy come to for a login, held against a real server of either product. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textOf, textsOf } from '../../src/core/json.ts';
import { parseVaultPolicy } from '../../src/core/vault/policy-parse.ts';
import { fillTemplates } from '../../src/core/vault/template.ts';
import type { TemplateIdentity } from '../../src/core/vault/template-value.ts';
import { DIALECTS } from './vault-acl.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

const POLICY = 'templated';
const METADATA = { team: 'shop', space: 'a b', brace: '{{x}}' };
const ODD = { star: 'a*', plus: '+', slash: '/a/b' };

/** `ACCESSOR` and `GROUP` stand for what the server made up. */
const TEMPLATES = [
  'identity.entity.id',
  'identity.entity.name',
  ' identity.entity.name\t',
  'identity.entity.metadata.team',
  'identity.entity.metadata.a.b',
  'identity.entity.metadata.space',
  'identity.entity.metadata.brace',
  'identity.entity.metadata.absent',
  'identity.entity.metadata',
  'identity.entity.nonsense',
  'identity.entity',
  'identity.entity.groups.names',
  'identity.entity.aliases.ACCESSOR.id',
  'identity.entity.aliases.ACCESSOR.name',
  'identity.entity.aliases.ACCESSOR.metadata.absent',
  'identity.entity.aliases.ACCESSOR.custom_metadata.contact',
  'identity.entity.aliases.ACCESSOR.custom_metadata.absent',
  'identity.entity.aliases.ACCESSOR.nonsense',
  'identity.entity.aliases.ACCESSOR',
  'identity.entity.aliases.other.name',
  'identity.groups.ids.GROUP.name',
  'identity.groups.ids.GROUP.id',
  'identity.groups.ids.GROUP.metadata.floor',
  'identity.groups.ids.GROUP.metadata.absent',
  'identity.groups.ids.other.name',
  'identity.groups.names.ops.id',
  'identity.groups.names.ops.name',
  'identity.groups.names.ops.metadata.floor',
  'identity.groups.names.ops.nonsense',
  'identity.groups.names.ops',
  'identity.groups.names.dev.ops.id',
  'identity.groups.names.other.id',
  'identity.groups.nonsense.ops.id',
  'identity.groups',
  'identity.Entity.id',
  'time.then',
  'time.now.plus',
  'time.now.plus.soon',
  'time.now.times.1h',
  'nonsense',
  '',
];

/** What is allowed where a value is odd; `refused`: nothing of the whole policy, whatever else it says. */
const odd: Readonly<Record<Product, Readonly<Record<keyof typeof ODD, readonly string[] | 'refused'>>>> = {
  OpenBao: { star: 'refused', plus: 'refused', slash: 'refused' },
  Vault: { star: ['w/ab', 'w/a*', 'a/b'], plus: ['w/ab', 'w/b', 'w/a*', 'w/+'], slash: ['w//a/b', 'a/b'] },
};

export function describePolicyTemplates(product: Product): void {
  let server: VaultServer;
  let token = '';
  let accessor = '';
  let group = '';
  let identity: TemplateIdentity;

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: false });
    await server.call('POST', 'sys/auth/userpass', { type: 'userpass' });
    const user = { password: 'p', token_policies: [POLICY] };
    await server.call('POST', 'auth/userpass/users/anna', user);
    const mounts = objectOf((await server.call('GET', 'sys/auth'))['data']);
    accessor = textOf(objectOf(mounts['userpass/'])['accessor']) ?? '';
    const entity = await created('identity/entity', {
      name: 'anna-entity',
      metadata: { ...METADATA, ...ODD },
    });
    const custom = { contact: 'a@b' };
    const named = { name: 'anna', canonical_id: entity, mount_accessor: accessor, custom_metadata: custom };
    const alias = await created('identity/entity-alias', named);
    const members = { member_entity_ids: [entity] };
    group = await created('identity/group', { name: 'ops', metadata: { floor: '3' }, ...members });
    const dotted = await created('identity/group', { name: 'dev.ops', ...members });
    const login = await server.call('POST', 'auth/userpass/login/anna', { password: 'p' });
    token = textOf(objectOf(login['auth'])['client_token']) ?? '';
    identity = {
      entity: {
        id: entity,
        name: 'anna-entity',
        metadata: { ...METADATA, ...ODD },
        aliases: {
          known: [{ accessor, id: alias, name: 'anna', metadata: {}, customMetadata: custom }],
          whole: true,
        },
      },
      groups: {
        known: [
          { id: group, name: 'ops', metadata: { floor: '3' } },
          { id: dotted, name: 'dev.ops', metadata: {} },
        ],
        whole: true,
      },
    };
  });

  afterAll(() => server?.stop());

  async function created(path: string, body: object): Promise<string> {
    return textOf(objectOf((await server.call('POST', path, body))['data'])['id']) ?? '';
  }

  async function allowed(text: string, paths: readonly string[]): Promise<readonly string[]> {
    await server.call('PUT', `sys/policies/acl/${POLICY}`, { policy: text });
    const data = objectOf((await server.call('POST', 'sys/capabilities', { token, paths }))['data']);
    return paths.filter((path) => textsOf(data[path]).includes('read'));
  }

  /** Everything that a template can come to. */
  function values(): readonly string[] {
    const { entity, groups } = identity;
    const aliases = typeof entity === 'object' ? entity.aliases.known : [];
    const ids = [...aliases, ...groups.known].flatMap(({ id, name }) => [id ?? '', name ?? '']);
    const own = typeof entity === 'object' ? [entity.id ?? '', entity.name ?? ''] : [];
    return [...own, ...ids, ...Object.values(METADATA), '3', 'a@b', '', '0'];
  }

  describe(`a template of a policy of ${product}`, () => {
    it.each<[string, (inner: string, at: number) => string]>([
      ['inside of a path', (inner, at) => `t${at}/${inner}/end`],
      ['at the start of a path', (inner, at) => `${inner}/${at}`],
      ['after a slash', (inner, at) => `/${inner}/${at}`],
      ['twice in a path', (inner, at) => `t${at}/${inner}-${inner}`],
    ])('is filled in or drops its rule %s', async (_, write) => {
      const text = TEMPLATES.map((template) => template.replace('ACCESSOR', accessor).replace('GROUP', group))
        .map((template, at) => `path "${write(`{{${template}}}`, at)}" { capabilities = ["read"] }\n`)
        .join('');
      const { rules } = parseVaultPolicy(text);
      expect(rules.length).toBe(TEMPLATES.length);
      const filled = rules.map(({ path }) => fillTemplates(path, identity, DIALECTS[product]));
      expect(filled.filter(({ kind }) => kind === 'unknown')).toEqual([]);
      const paths = filled.flatMap((path) => (path.kind === 'filled' ? [path.path] : []));
      expect(paths.length).toBeGreaterThan(10);

      const tried = TEMPLATES.flatMap((_template, at) =>
        values().map((value) => write(value, at).replace(/^\/+/u, '')),
      );
      const ours = new Set(paths);
      expect(await allowed(text, [...new Set(tried)])).toEqual(
        [...new Set(tried)].filter((path) => ours.has(path)),
      );
    });

    it.each(['star', 'plus', 'slash'] as const)(
      'has a value with a %s as each product takes it',
      async (key) => {
        const template = `{{identity.entity.metadata.${key}}}`;
        const text = ['w/', '']
          .map((start) => `path "${start}${template}" { capabilities = ["read"] }\n`)
          .join('');
        const tried = ['w/ab', 'w/b', 'w/a*', 'w/+', 'w//a/b', 'a/b'];
        const expected = odd[product][key];
        const dialect = DIALECTS[product];
        const [filled, start] = parseVaultPolicy(text).rules.map(({ path }) =>
          fillTemplates(path, identity, dialect),
        );

        if (expected === 'refused') await expect(allowed(text, tried)).rejects.toThrow('403');
        else expect(await allowed(text, tried)).toEqual(expected);
        expect([filled, start]).toMatchObject(
          key === 'slash' && product === 'Vault'
            ? [{ path: 'w//a/b' }, { path: 'a/b' }]
            : [{ kind: 'unknown' }, { kind: 'unknown' }],
        );
      },
    );
  });
}
