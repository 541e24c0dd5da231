/** What one template stands for, by Vault's own rules of its sdk/helper/identitytpl. */

import { durationNanoseconds } from './policy-numbers.ts';

export interface TemplateIdentity {
  /** `'none'`: the token has no entity. `undefined`: not known. */
  readonly entity: IdentityEntity | 'none' | undefined;
  readonly groups: Known<IdentityGroup>;
}

/** `undefined` is not known; absent metadata are absent from a known record. */
export interface IdentityEntity {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly aliases: Known<IdentityAlias>;
}

export interface IdentityAlias {
  /** Accessor of the mount. */
  readonly accessor: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly customMetadata: Metadata | undefined;
}

export interface IdentityGroup {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly metadata: Metadata | undefined;
}

type Metadata = Readonly<Record<string, string>>;

interface Known<T> {
  readonly known: readonly T[];
  /** There are no others. */
  readonly whole: boolean;
}

/** What stands for one template. */
export type TemplateValue = { readonly text: string } | 'absent' | 'unknown';

/** `template` as `templatesIn` gives it. */
export function templateValue(template: string, { entity, groups }: TemplateIdentity): TemplateValue {
  const [scope, kind, rest] = cut(template, 3);
  // The time of the request, which differs from one to the next.
  if (scope === 'time') return isTimeTemplate(template) ? 'unknown' : 'absent';
  if (scope !== 'identity' || rest === undefined) return 'absent';
  if (kind === 'groups') return groupValue(rest, groups);
  if (kind !== 'entity' || entity === 'none') return 'absent';
  return entity === undefined ? 'unknown' : entityValue(rest, entity);
}

/** At the first dots: what stands after the last cut keeps its own. */
function cut(text: string, parts: number): readonly (string | undefined)[] {
  const words = text.split('.');
  const last = words.slice(parts - 1).join('.');
  return words.length < parts ? words : [...words.slice(0, parts - 1), last];
}

function isTimeTemplate(template: string): boolean {
  const [, now, operator, duration] = cut(template, 4);
  if (now !== 'now') return false;
  return (
    operator === undefined ||
    (duration !== undefined &&
      ['plus', 'minus'].includes(operator) &&
      durationNanoseconds(duration) !== undefined)
  );
}

function entityValue(selector: string, entity: IdentityEntity): TemplateValue {
  const [field, rest] = cut(selector, 2);
  if (rest === undefined) {
    if (field === 'id') return present(entity.id);
    return field === 'name' ? present(entity.name) : 'absent';
  }
  if (field === 'metadata') return entry(entity.metadata, rest);
  if (field !== 'aliases') return 'absent';
  const [accessor, selected] = cut(rest, 2);
  if (selected === undefined) return 'absent';
  const alias = entity.aliases.known.find((known) => known.accessor === accessor);
  if (alias === undefined) return entity.aliases.whole ? 'absent' : 'unknown';
  return aliasValue(selected, alias);
}

function aliasValue(selector: string, alias: IdentityAlias): TemplateValue {
  const [field, key] = cut(selector, 2);
  if (key === undefined) {
    if (field === 'id') return present(alias.id);
    return field === 'name' ? present(alias.name) : 'absent';
  }
  if (field === 'metadata') return entry(alias.metadata, key);
  return field === 'custom_metadata' ? entry(alias.customMetadata, key) : 'absent';
}

/** `ids.ID.FIELD` or `names.NAME.FIELD`; neither an id nor a name may hold a dot. */
function groupValue(selector: string, groups: Known<IdentityGroup>): TemplateValue {
  const [by, wanted, field] = cut(selector, 3);
  if ((by !== 'ids' && by !== 'names') || field === undefined) return 'absent';
  const group = groups.known.find(({ id, name }) => (by === 'ids' ? id : name) === wanted);
  if (group === undefined) return isWhole(groups, by) ? 'absent' : 'unknown';
  if (field === 'id') return present(group.id);
  if (field === 'name') return present(group.name);
  return field.startsWith('metadata.') ? entry(group.metadata, field.slice('metadata.'.length)) : 'absent';
}

function isWhole({ known, whole }: Known<IdentityGroup>, by: 'ids' | 'names'): boolean {
  return whole && known.every(({ id, name }) => (by === 'ids' ? id : name) !== undefined);
}

/** An empty id or name is none; an empty entry of metadata is a value. */
function present(text: string | undefined): TemplateValue {
  if (text === undefined) return 'unknown';
  return text === '' ? 'absent' : { text };
}

function entry(metadata: Metadata | undefined, key: string): TemplateValue {
  if (metadata === undefined) return 'unknown';
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return text === undefined ? 'absent' : { text };
}
