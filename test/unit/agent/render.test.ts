import { describe, expect, it } from 'vitest';
import { render } from '../../../src/agent/render.ts';
import type { FileContent } from '../../../src/core/inject/agent-config.ts';
import type { JsonObject } from '../../../src/core/json.ts';

function rendered(content: FileContent, data: JsonObject) {
  const result = render([{ file: 'f', content }], new Map([['db', data]]));
  return 'value' in result ? result.value.get('f') : result.failures;
}

const field = (name: string): FileContent => ({ kind: 'field', credential: 'db', field: name });
const all: FileContent = { kind: 'all', credential: 'db' };

describe('render', () => {
  it.each<[string, unknown, string]>([
    ['text as it is', 'a\n"b" {x.y} \u0000', 'a\n"b" {x.y} \u0000'],
    ['an empty text', '', ''],
    ['a number', 7, '7'],
    ['a truth value', false, 'false'],
    ['a list', ['b', { z: 1, a: 2 }], '["b",{"a":2,"z":1}]'],
    ['an object, sorted', { z: 1, a: null }, '{"a":null,"z":1}'],
  ])('writes %s', (_, value, text) => {
    expect(rendered(field('v'), JSON.parse(JSON.stringify({ v: value })))).toBe(text);
  });

  it('writes all fields with sorted keys, however Vault ordered them', () => {
    expect(rendered(all, { b: '1', a: { d: 1, c: [2] } })).toBe('{"a":{"c":[2],"d":1},"b":"1"}');
  });

  it('keeps a field that is named like a part of every object', () => {
    const data = JSON.parse('{"__proto__":{"x":1},"constructor":"c"}');
    expect(rendered(all, data)).toBe('{"__proto__":{"x":1},"constructor":"c"}');
    expect(rendered(field('__proto__'), data)).toBe('{"x":1}');
  });

  it('inserts values into a template and never reads them again', () => {
    const template = [{ text: 'p=' }, { credential: 'db', field: 'p', filters: [] }, { text: ';' }];
    expect(rendered({ kind: 'template', template }, { p: '{db.q}' })).toBe('p={db.q};');
  });

  it.each(['nothing', 'toString', '__proto__', 'gone'])('misses the field %s', (name) => {
    expect(rendered(field(name), { gone: null })).toEqual([
      {
        kind: 'content',
        where: 'countersign.dev/file.f',
        cause: `vault's answer has no field db.${name}`,
        retryable: false,
      },
    ]);
  });

  it('names every file that can not be made', () => {
    const template = [
      { credential: 'db', field: 'x', filters: [] },
      { credential: 'db', field: 'y', filters: [] },
    ];
    const files = [
      { file: 'a', content: field('x') },
      { file: 'b', content: { kind: 'template', template } },
      { file: 'c', content: field('ok') },
    ] as const;

    const result = render(files, new Map([['db', { ok: '1' }]]));

    const failures = 'failures' in result ? result.failures : [];
    expect(failures.map(({ where, cause }) => `${where}: ${cause}`)).toEqual([
      "countersign.dev/file.a: vault's answer has no field db.x",
      "countersign.dev/file.b: vault's answer has no field db.x, db.y",
    ]);
  });
});
