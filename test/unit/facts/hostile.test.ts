import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFolder } from '../../../src/facts/folder/folder.ts';
import { printProblem } from '../../../src/facts/folder/problem.ts';
import { FOLDER_KINDS, WATCHED_KINDS, type WatchedKind } from '../../../src/facts/kinds.ts';
import { createWorld } from '../../../src/facts/world.ts';

const RESOURCES = { namespaced: () => undefined, subresources: () => undefined, nearest: () => undefined };

/** JSON in which the keys that are read turn up, with values of any shape. */
const key = fc.oneof(
  fc.constantFrom(
    'metadata',
    'name',
    'namespace',
    'spec',
    'template',
    'rules',
    'verbs',
    'subjects',
    'roleRef',
    'kind',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'items',
    'status',
    'conditions',
    'annotations',
    'labels',
  ),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, 7, '', 'a', 'x/y', '\ud800', 'Role', 'get'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5 }),
  ),
}));
const kind = fc.constantFrom(...(Object.keys(WATCHED_KINDS) as WatchedKind[]));

async function load(text: string) {
  return loadFolder(Readable.from([Buffer.from(text)]));
}

describe('facts from anywhere', () => {
  it('never break a world', () => {
    fc.assert(
      fc.property(kind, json, (ofKind, object) => {
        const world = createWorld(RESOURCES);
        world.put(ofKind, object);
        world.put(ofKind, { ...Object(object), metadata: { name: 'a', namespace: 'b' } });
        world.retain(ofKind, new Set());

        expect(world.held({ namespace: 'b', name: 'a' })).toEqual({ rules: [], dangling: [], unfilled: [] });
        expect(world.runningAs({ namespace: 'b', name: 'default' })).toEqual([]);
      }),
    );
  });

  it('never break a folder: an object is read, or its problems are at places that exist', async () => {
    const folderKind = fc.constantFrom(...(Object.keys(FOLDER_KINDS) as (keyof typeof FOLDER_KINDS)[]));
    await fc.assert(
      fc.asyncProperty(folderKind, json, async (ofKind, object) => {
        const { apiVersion } = FOLDER_KINDS[ofKind];
        const text = JSON.stringify({ ...Object(object), apiVersion, kind: ofKind }, undefined, 1);
        const lines = text.split('\n');

        for (const problem of (await load(text)).problems) {
          const { line = 0, column = 0 } = problem;
          expect(lines[line - 1]?.length).toBeGreaterThanOrEqual(column - 1);
          expect(printProblem(problem)).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  it('never break a folder: text of any kind', async () => {
    const yaml = fc.string({
      unit: fc.constantFrom(
        'a',
        ' ',
        '\n',
        ':',
        '-',
        '&a',
        '*a',
        '{',
        '}',
        '[',
        ']',
        '"',
        '|',
        '<<',
        '!',
        '#',
        '? ',
        '\t',
      ),
    });
    await fc.assert(
      fc.asyncProperty(yaml, async (text) => {
        const { problems, counts } = await load(text);
        expect(problems.every(({ message }) => message !== '')).toBe(true);
        expect(counts.files).toBe(1);
      }),
    );
  });
});
