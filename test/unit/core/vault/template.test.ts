import { describe, expect, it } from 'vitest';
import { fillTemplates, isBalanced, templatesIn } from '../../../../src/core/vault/template.ts';
import type { IdentityEntity, TemplateIdentity } from '../../../../src/core/vault/template-value.ts';

const alias = {
  accessor: 'auth_kubernetes_1',
  id: undefined,
  name: 'uid-1',
  metadata: { service_account_name: 'api', service_account_secret_name: '' },
  customMetadata: undefined,
};
const entity: IdentityEntity = {
  id: 'e-1',
  name: undefined,
  metadata: undefined,
  aliases: { known: [alias], whole: false },
};
const ops = { id: 'g-1', name: 'ops', metadata: undefined };
const identity: TemplateIdentity = { entity, groups: { known: [ops], whole: false } };
const fill = (template: string, changes: Partial<TemplateIdentity> = {}) =>
  fillTemplates(`a/{{${template}}}/b`, { ...identity, ...changes });

describe('a template', () => {
  it.each([
    ['a/{{x}}', ['x'], true],
    ['a/{{ x.y\t}}/{{z}}*', ['x.y', 'z'], true],
    ['{{{a}}}', ['{a'], true],
    ['{{}}', [''], true],
    ['a', [], true],
    ['a}}{{b}}', ['b'], false],
    ['{{a', ['a'], false],
    ['{{a}}}}', ['a'], false],
  ])('is found in %s', (path, templates, balanced) => {
    expect(templatesIn(path)).toEqual(templates);
    expect(isBalanced(path)).toBe(balanced);
  });

  it.each([
    ['identity.entity.id', 'e-1'],
    ['identity.entity.aliases.auth_kubernetes_1.name', 'uid-1'],
    ['identity.entity.aliases.auth_kubernetes_1.metadata.service_account_name', 'api'],
    ['identity.entity.aliases.auth_kubernetes_1.metadata.service_account_secret_name', ''],
    ['identity.groups.ids.g-1.name', 'ops'],
    ['identity.groups.names.ops.id', 'g-1'],
  ])('is filled in: %s', (template, value) => {
    expect(fill(template)).toEqual({ kind: 'filled', path: `a/${value}/b` });
  });

  it.each([
    'identity.entity.aliases.auth_kubernetes_1.metadata.other',
    'identity.entity.aliases.auth_kubernetes_1.metadata.__proto__',
    'identity.entity.nonsense',
    'identity.groups.names.ops.nonsense',
    'time.then',
    'time.now.plus.soon',
    '',
  ])('drops its rule: %s', (template) => {
    expect(fill(template)).toEqual({ kind: 'dropped' });
  });

  it.each([
    'identity.entity.name',
    'identity.entity.metadata.team',
    'identity.entity.aliases.other.name',
    'identity.entity.aliases.auth_kubernetes_1.id',
    'identity.entity.aliases.auth_kubernetes_1.custom_metadata.x',
    'identity.groups.names.dev.id',
    'identity.groups.ids.g-2.name',
    'identity.groups.ids.g-1.metadata.x',
    'time.now',
    'time.now.minus.1h',
  ])('is not known: %s', (template) => {
    expect(fill(template)).toEqual({ kind: 'unknown', why: `{{${template}}} is not known` });
  });

  it('drops its rule whatever else is not known in it', () => {
    const path = '{{identity.entity.name}}/{{nonsense}}';
    expect(fillTemplates(path, identity)).toEqual({ kind: 'dropped' });
  });

  it('is absent without an entity, without the alias and without the group, once all are known', () => {
    expect(fill('identity.entity.id', { entity: 'none' }).kind).toBe('dropped');
    expect(fill('identity.entity.id', { entity: undefined }).kind).toBe('unknown');
    const whole = { ...entity, aliases: { known: [alias], whole: true } };
    expect(fill('identity.entity.aliases.other.name', { entity: whole }).kind).toBe('dropped');
    expect(fill('identity.groups.names.dev.id', { groups: { known: [ops], whole: true } }).kind).toBe(
      'dropped',
    );
    const nameless = { known: [{ ...ops, name: undefined }], whole: true };
    expect(fill('identity.groups.names.dev.id', { groups: nameless }).kind).toBe('unknown');
  });

  it.each<[string, string, 'openbao' | 'vault' | undefined, string]>([
    ['a*', 'a', 'vault', 'unknown'],
    ['+', 'a', 'openbao', 'unknown'],
    ['a/b', 'a', 'vault', 'filled'],
    ['a/b', 'a', 'openbao', 'unknown'],
    ['a/b', 'a', undefined, 'unknown'],
  ])('with the value %s', (id, start, dialect, kind) => {
    const odd = { ...identity, entity: { ...entity, id } };
    expect(fillTemplates(`${start}/{{identity.entity.id}}`, odd, dialect).kind).toBe(kind);
  });

  it('makes `+*`, which no server takes', () => {
    const path = 'a/+{{identity.entity.aliases.auth_kubernetes_1.metadata.service_account_secret_name}}*';
    expect(fillTemplates(path, identity).kind).toBe('unknown');
  });

  it('loses a slash in front only at the start of a path', () => {
    const rooted = { ...identity, entity: { ...entity, id: '/x' } };
    expect(fillTemplates('{{identity.entity.id}}', rooted, 'vault')).toEqual({ kind: 'filled', path: 'x' });
    expect(fillTemplates('/{{identity.entity.id}}', rooted, 'vault')).toEqual({ kind: 'filled', path: '/x' });
    expect(fillTemplates('/a/{{identity.entity.id}}', rooted, 'vault')).toEqual({
      kind: 'filled',
      path: '/a//x',
    });
  });
});
