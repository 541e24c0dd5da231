import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/server/inspect.ts';

function reasonOf(text: string): string | undefined {
  return inspect(Buffer.from(text))?.reason;
}

describe('the shape of a body', () => {
  it.each([
    ['nothing', ''],
    ['a plain value', '1'],
    [
      'what a review looks like',
      '{"kind":"AdmissionReview","request":{"uid":"1","object":{"a":[{"b":[]}]}}}',
    ],
    ['128 levels', '['.repeat(128) + ']'.repeat(128)],
    ['brackets inside strings', JSON.stringify('[{'.repeat(1000))],
    ['quotes that are escaped', String.raw`"\"[[\\\"{{"`],
    ['many lists one after the other', `[${'[],'.repeat(200_000)}0]`],
    ['a string that never ends', `{"a":"${'['.repeat(1000)}`],
    ['a backslash at the very end', '"\\'],
  ])('%s is fine', (_name, text) => {
    expect(reasonOf(text)).toBeUndefined();
  });

  it.each([
    ['129 levels of lists', '['.repeat(129)],
    ['129 levels of objects', '{"a":'.repeat(129)],
    ['levels that are hidden behind strings', `["]]]]","\\"]",${'[{"}":'.repeat(70)}`],
    ['millions of levels', '['.repeat(4_000_000)],
    ['too many objects', `[${'{},'.repeat(600_000)}0]`],
    ['too many strings', `[${'"",'.repeat(600_000)}0]`],
  ])('%s is refused', (_name, text) => {
    expect(reasonOf(text)).toBe('shape');
  });
});

describe('a field named __proto__', () => {
  it.each([
    '{"__proto__":{}}',
    '{"a":[{"b":1,"__proto__" \n\t\r: null}]}',
    String.raw`{"\u005f_proto__":1}`,
    String.raw`{"\u005f\u005f\u0070\u0072\u006f\u0074\u006f\u005F\u005F":1}`,
  ])('is found in %j', (text) => {
    expect(reasonOf(text)).toBe('poison');
  });

  it.each([
    '{"a":"__proto__"}',
    '["__proto__","a"]',
    '{"__proto___":1}',
    '{"___proto__":1}',
    '{"constructor":{"prototype":{}}}',
  ])('is not in %j', (text) => {
    expect(reasonOf(text)).toBeUndefined();
  });
});
