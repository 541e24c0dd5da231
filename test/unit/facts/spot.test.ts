import { describe, expect, it } from 'vitest';
import {
  countAt,
  flagAt,
  objectAt,
  objectsAt,
  requiredObjectAt,
  type Spot,
  type SpotProblem,
  spotOf,
  textAt,
  textMapAt,
  textsAt,
} from '../../../src/facts/spot.ts';

function read(value: unknown, reader: (spot: Spot) => unknown) {
  const problems: SpotProblem[] = [];
  const result = reader(spotOf(value, (problem) => problems.push(problem)));
  return { result, problems: problems.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

interface Reader {
  readonly read: (spot: Spot) => unknown;
  readonly good: unknown;
  readonly fallback: unknown;
  readonly what: string;
  readonly wrong: readonly unknown[];
}

const READERS: Readonly<Record<string, Reader>> = {
  textAt: {
    read: (spot) => textAt(spot, 'x'),
    good: '',
    fallback: undefined,
    what: 'a string',
    wrong: [7, true, ['x'], {}],
  },
  textsAt: {
    read: (spot) => textsAt(spot, 'x'),
    good: ['a', 'b'],
    fallback: [],
    what: 'a list of strings',
    wrong: [7, 'x', true, {}],
  },
  flagAt: {
    read: (spot) => flagAt(spot, 'x'),
    good: false,
    fallback: undefined,
    what: 'true or false',
    wrong: [0, 'true', [], {}],
  },
  countAt: {
    read: (spot) => countAt(spot, 'x'),
    good: 0,
    fallback: undefined,
    what: 'a whole number',
    wrong: ['1', -1, 1.5, Number.NaN, Infinity, true, [1], {}],
  },
  textMapAt: {
    read: (spot) => textMapAt(spot, 'x'),
    good: { a: 'b' },
    fallback: {},
    what: 'an object',
    wrong: [7, 'x', true, []],
  },
  objectAt: {
    read: (spot) => objectAt(spot, 'x').object,
    good: { a: 1 },
    fallback: {},
    what: 'an object',
    wrong: [7, 'x', true, []],
  },
  objectsAt: {
    read: (spot) => objectsAt(spot, 'x').map(({ object }) => object),
    good: [{ a: 1 }],
    fallback: [],
    what: 'a list',
    wrong: [7, 'x', true, {}],
  },
};

describe.each(Object.entries(READERS))('%s', (_name, { read: reader, good, fallback, what, wrong }) => {
  it('reads what is there', () => {
    expect(read({ x: good }, reader)).toEqual({ result: good, problems: [] });
  });

  it.each([[{}], [{ x: null }], [{ x: undefined }]])('takes %j as absent', (value) => {
    expect(read(value, reader)).toEqual({ result: fallback, problems: [] });
  });

  it.each(wrong.map((value) => [value]))('reports %j, and takes it as absent', (value) => {
    const { result, problems } = read({ x: value }, reader);

    expect(result).toEqual(fallback);
    expect(problems).toEqual([expect.stringContaining(`x: expected ${what}, found `)]);
  });
});

describe('a spot', () => {
  it('knows its way through objects and lists', () => {
    const { problems } = read({ a: { b: [{}, { c: { d: 7 } }] } }, (spot) =>
      objectsAt(objectAt(spot, 'a'), 'b').map((item) => textAt(objectAt(item, 'c'), 'd')),
    );

    expect(problems).toEqual(['a.b.1.c.d: expected a string, found a number']);
  });

  it('reports each item of the wrong type and keeps the others', () => {
    expect(read({ x: ['a', 7, null, 'b'] }, (spot) => textsAt(spot, 'x'))).toEqual({
      result: ['a', 'b'],
      problems: ['x.1: expected a string, found a number', 'x.2: expected a string, found nothing'],
    });
    expect(read({ x: [7, {}] }, (spot) => objectsAt(spot, 'x').length)).toEqual({
      result: 1,
      problems: ['x.0: expected an object, found a number'],
    });
    expect(read({ x: { a: 1, b: 'c' } }, (spot) => textMapAt(spot, 'x'))).toEqual({
      result: { b: 'c' },
      problems: ['x.a: expected a string, found a number'],
    });
  });

  it('reports a missing object once, and nothing below it', () => {
    const { problems } = read({}, (spot) => requiredObjectAt(requiredObjectAt(spot, 'a'), 'b'));

    expect(problems).toEqual(['a: expected an object, found nothing']);
  });

  it.each([[undefined], [null], [7], ['x'], [[]]])(
    'stands for an empty object where the document is %j',
    (value) => {
      expect(read(value, (spot) => textAt(spot, 'x'))).toMatchObject({
        result: undefined,
        problems: [expect.any(String)],
      });
    },
  );
});
