import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../../src/facts/folder/yaml.ts';
import type { Path } from '../../../../src/facts/spot.ts';

function values(text: string): readonly unknown[] {
  return [...readYaml(text)].map(({ value }) => value);
}

function problems(text: string): readonly string[] {
  return [...readYaml(text)].flatMap(({ number, problems: found }) =>
    found.map(({ line, column, message }) => `${number} ${line}:${column} ${message}`),
  );
}

/** A list of ten times the one below. */
function level(name: string, below: string): string {
  return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${below}`).join()}]`;
}

describe('readYaml', () => {
  it.each<[string, readonly unknown[]]>([
    ['', []],
    ['# only a comment\n', []],
    ['---\n---\n', [null, null]],
    ['a: 1\n---\nb: 2\n...\n---\nc: 3', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['{"a": [1, true, null, "x"]}', [{ a: [1, true, null, 'x'] }]],
    ['{\n\t"a": 1\n}', [{ a: 1 }]],
    ['\uFEFFa: 1', [{ a: 1 }]],
    ['a: 1\r\nb: |\r\n  x\r\n', [{ a: 1, b: 'x\n' }]],
    ['%YAML 1.1\n---\na: 1:30', [{ a: '1:30' }]],
    ['a: !custom x\nb: !!binary eA==', [{ a: 'x', b: 'eA==' }]],
    ['7', [7]],
  ])('reads %j', (text, want) => {
    expect(values(text)).toEqual(want);
  });

  it.each([
    ['yes', true],
    ['On', true],
    ['y', true],
    ['no', false],
    ['OFF', false],
    ['n', false],
    ['"yes"', 'yes'],
    ['010', 8],
    ['-010', -8],
    ['0o10', 8],
    ['08', 8],
    ['0x1f', 31],
    ['1e3', 1000],
    ['~', null],
    ['2001-01-01', '2001-01-01'],
    ['1:30', '1:30'],
  ])('reads the value %s as kubectl does: %j', (text, want) => {
    expect(values(`a: ${text}`)).toEqual([{ a: want }]);
  });

  it.each([
    ['x: &x {a: 1, b: 1}\ny: {<<: *x, b: 2}', { a: 1, b: 2 }],
    ['x: &x {a: 1, b: 1}\ny: {b: 2, <<: *x}', { a: 1, b: 1 }],
    ['x: &x {a: 1}\nz: &z {a: 2, b: 2}\ny: {<<: [*x, *z]}', { a: 1, b: 2 }],
    ['x: &x {a: 1}\ny: {"<<": *x}', { '<<': { a: 1 } }],
  ])('merges %j as kubectl does', (text, want) => {
    expect(values(text)).toMatchObject([{ y: want }]);
  });

  it('keeps keys that mean something to JavaScript as keys', () => {
    const [value] = values('__proto__: {polluted: yes}\nconstructor: 1\n');

    expect(Object.entries(Object(value))).toEqual([
      ['__proto__', { polluted: true }],
      ['constructor', 1],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', ['1 3:1 the key is there twice']],
    ['{"a": 1, "a": 2}', ['1 1:10 the key is there twice']],
    ['ok: 1\n---\na: {b: 1, b: 2}\n', ['2 3:11 the key is there twice']],
    ['a: .inf', ['1 1:4 expected a value that JSON has']],
    ['a: *b', ['1 1:4 expected the name of an anchor before it']],
    ['a: &a [*a]', ['1 1:8 expected the name of an anchor before it']],
    ['a: {<<: 7}', ['1 1:5 expected an object to merge']],
    ['a: b: c', ['1 1:4 expected one key on the line: quote a value that holds ": "']],
    ['a:\n\tb: 1', ['1 2:1 expected spaces as indentation, found a tab']],
    ['a: "x', ['1 1:6 a quote, bracket, comma or colon is missing']],
    ['a: "\\q"', ['1 1:5 expected an escape that YAML knows after \\']],
    ['? {a: b}\n: 1', ['1 1:3 expected a string as key']],
    ['a: [1\n---\nb: 2', ['1 2:1 the indentation does not fit the lines above']],
  ])('says what is wrong with %j, and where', (text, want) => {
    expect(problems(text)).toEqual(want);
  });

  it('reads the documents behind one that is broken', () => {
    expect(values('a: [\n---\nb: 2')).toEqual([undefined, { b: 2 }]);
  });

  it('quotes nothing of a broken document', () => {
    expect(problems('kind: Secret\nstringData:\n  password: "hunter2\n---\n').join()).not.toContain(
      'hunter2',
    );
  });

  it.each([
    ['flow lists', '['.repeat(30_000)],
    ['flow maps', '{a: '.repeat(5000)],
    ['block lists', `${'- '.repeat(20_000)}a`],
    ['block maps', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['one level more than a hundred', `${'['.repeat(102)}${']'.repeat(102)}`],
  ])('bounds the depth of %s', (_case, text) => {
    expect(problems(text)[0]).toMatch(/nested too deep to be read|expected at most 100 levels/);
  });

  it('takes a hundred levels', () => {
    expect(problems(`${'['.repeat(100)}${']'.repeat(100)}`)).toEqual([]);
  });

  it('bounds what aliases stand for', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const bomb = names
      .map((name, index) => (index === 0 ? 'a: &a [1,1,1]' : level(name, names[index - 1] ?? '')))
      .join('\n');

    expect(problems(bomb)).toEqual(['1 7:8 expected at most 1000000 values, with all aliases written out']);
  });

  it('lets many aliases stand for something small', () => {
    const text = `a: &a {b: 1}\nc: [${Array.from({ length: 5000 }, () => '*a').join()}]`;

    expect(problems(text)).toEqual([]);
  });

  it('takes a map of many keys in its stride', () => {
    const text = Array.from({ length: 20_000 }, (_, key) => `k${key}: v`).join('\n');

    expect(Object.keys(Object(values(text)[0]))).toHaveLength(20_000);
  });
});

describe('locate', () => {
  const TEXT = [
    '# a comment', // 1
    '  kind: Role', // 2: the whole document is indented
    '  metadata: &m', // 3
    '    name: x', // 4
    '    annotations:', // 5
    '      needs: |', // 6
    '', // 7
    '        get pods', // 8
    '          list pods', // 9
    '      quoted: "get x"', // 10
    '      escaped: "get\\u0020x"', // 11
    '      folded: >', // 12
    '        get', // 13
    '        list', // 14
    '  rules: [{verbs: [get, list]}]', // 15
    '  copy: *m', // 16
    '  merged: {<<: *m, own: 1}', // 17
    '  empty:', // 18
  ].join('\n');

  it.each<[Path, string]>([
    [[], '2:3'],
    [['kind'], '2:9'],
    [['metadata', 'name'], '4:11'],
    [['rules'], '15:10'],
    [['rules', 0, 'verbs', 1], '15:25'],
    [['copy'], '16:9'],
    [['copy', 'name'], '4:11'],
    [['merged', 'own'], '17:25'],
    [['merged', 'name'], '17:11'],
    [['empty'], '18:9'],
    [['metadata', 'namespace'], '4:5'],
    [['metadata', 'labels', 'deep', 7], '4:5'],
    [['nothing'], '2:3'],
    [['rules', 7], '15:10'],
    [['rules', 'length'], '15:10'],
    [['kind', 'length'], '2:9'],
    [['__proto__', 'x'], '2:3'],
  ])('finds %j at %s', (path, want) => {
    const [document] = readYaml(TEXT);
    const { line, column } = document?.locate(path) ?? {};

    expect(`${line}:${column}`).toBe(want);
  });

  it.each<[string, number, number, string]>([
    ['needs', 2, 1, '8:9'],
    ['needs', 2, 5, '8:13'],
    ['needs', 3, 3, '9:11'],
    ['quoted', 1, 5, '10:20'],
    ['escaped', 1, 5, '11:16'],
    ['folded', 1, 5, '12:15'],
  ])('finds a place within the text of %s', (key, line, column, want) => {
    const [document] = readYaml(TEXT);
    const found = document?.locate(['metadata', 'annotations', key], { line, column });

    expect(`${found?.line}:${found?.column}`).toBe(want);
  });

  it('counts lines from the start of the file, also in later documents with Windows line ends', () => {
    const documents = [
      ...readYaml('a: 1\r\n---\r\n# x\r\nb: |\r\n  get pods\r\n  list pods\r\n--- \r\nc: 3\r\n'),
    ];

    expect(documents.map(({ line }) => line)).toEqual([1, 4, 8]);
    expect(documents[1]?.locate(['b'], { line: 2, column: 1 })).toEqual({ line: 6, column: 3 });
    expect(documents[2]?.locate(['c'])).toEqual({ line: 8, column: 4 });
  });
});
