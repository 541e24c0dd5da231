import { describe, expect, it } from 'vitest';
import { isObject, listOf, objectOf, textMapOf, textOf, textsOf } from '../../../src/core/json.ts';

describe('reading unknown JSON', () => {
  it.each([[null], [undefined], ['x'], [7], [true], [[1]]])('%j is no object', (value) => {
    expect(isObject(value)).toBe(false);
    expect(objectOf(value)).toEqual({});
    expect(textMapOf(value)).toEqual({});
  });

  it.each([[null], [undefined], ['x'], [7], [{ length: 1 }]])('%j is no list', (value) => {
    expect(listOf(value)).toEqual([]);
    expect(textsOf(value)).toEqual([]);
  });

  it('takes what is of the right type', () => {
    const object = { a: 'b' };

    expect(objectOf(object)).toBe(object);
    expect(listOf([1, 'x'])).toEqual([1, 'x']);
    expect(textOf('')).toBe('');
    expect(textOf(7)).toBeUndefined();
  });

  it('leaves out items of another type, and nothing else', () => {
    expect(textsOf(['a', 7, null, {}, ['b'], ''])).toEqual(['a', '']);
    expect(textMapOf({ a: 'b', c: 7, d: null, e: {} })).toEqual({ a: 'b' });
  });

  it('makes a map that inherits nothing and holds hostile keys', () => {
    const map = textMapOf(JSON.parse('{"__proto__": "x", "toString": "y"}'));

    expect(Object.getPrototypeOf(map)).toBeNull();
    expect(Object.entries(map)).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
  });
});
