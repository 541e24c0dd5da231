import { describe, expect, it } from 'vitest';
import type { Entity, Group } from '../../../../src/facts/vault/identity-answers.ts';
import { readMembership } from '../../../../src/facts/vault/memberships.ts';

const OPEN = new AbortController().signal;

function group(id: string, changes: Partial<Group> = {}): Group {
  return { id, name: id, policies: [], parentIds: [], metadata: {}, external: undefined, ...changes };
}

function entity(...groupIds: readonly string[]): Entity {
  return { id: 'e', name: 'e', disabled: false, policies: [], groupIds, metadata: {}, aliases: [] };
}

async function groupsOf(
  known: Entity | undefined,
  groups: readonly Group[],
  claimed: readonly string[] = [],
) {
  const asked: string[] = [];
  const { groups: found, unknown } = await readMembership(
    {
      entity: () => Promise.resolve(known),
      group: (id) => {
        asked.push(id);
        return Promise.resolve(groups.find((one) => one.id === id));
      },
      groupOf: ({ name, accessor }) =>
        Promise.resolve(
          groups.find(({ external }) => external?.name === name && external.accessor === accessor),
        ),
    },
    { alias: 'a', groups: claimed, unknown: [] },
    'ours',
    OPEN,
  );
  return { ids: found.map(({ id }) => id).toSorted(), unknown, asked };
}

const external = (name: string, accessor = 'ours') => ({ external: { name, accessor } });

describe('the groups of a login', () => {
  it('are those of its entity and all that these are in, each asked for once', async () => {
    const groups = [
      group('a', { parentIds: ['c'] }),
      group('b', { parentIds: ['c', 'a'] }),
      group('c', { parentIds: ['a'] }),
    ];
    expect(await groupsOf(entity('a', 'b'), groups)).toEqual({
      ids: ['a', 'b', 'c'],
      unknown: [],
      asked: ['a', 'b', 'c'],
    });
  });

  it('are external ones of our mount only where the login tells of them now', async () => {
    const groups = [
      group('left', { ...external('left'), parentIds: ['above'] }),
      group('stays', external('stays')),
      group('elsewhere', external('x', 'theirs')),
      group('above'),
    ];
    const known = entity('left', 'stays', 'elsewhere');
    expect(await groupsOf(known, groups, ['stays'])).toMatchObject({
      ids: ['elsewhere', 'stays'],
      unknown: [],
    });
  });

  it('are there before the first login where the token tells of them', async () => {
    const groups = [group('shop', { ...external('shop'), parentIds: ['all'] }), group('all')];
    expect(await groupsOf(undefined, groups, ['shop', 'nobody'])).toMatchObject({ ids: ['all', 'shop'] });
  });

  it('are not all known where one cannot be found, or there are too many', async () => {
    expect((await groupsOf(entity('gone'), [])).unknown).toEqual([
      'a group of the account is in another namespace of Vault, or gone',
    ]);
    const many = [...Array(101).keys()].map((at) => group(`g${at}`));
    const { ids, unknown } = await groupsOf(entity(...many.map(({ id }) => id)), many);
    expect(ids).toHaveLength(100);
    expect(unknown).toEqual(['only 100 groups of the account are read']);
  });
});
