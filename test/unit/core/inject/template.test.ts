import { describe, expect, it } from 'vitest';
import { parseTemplate, renderTemplate } from '../../../../src/core/inject/template.ts';

const value = (credential: string, field: string, ...filters: string[]) => ({ credential, field, filters });

describe('parsing', () => {
  it.each([
    ['', []],
    ['plain text', [{ text: 'plain text' }]],
    ['{db.user}', [value('db', 'user')]],
    ['{ db.user | json }', [value('db', 'user', 'json')]],
    [
      'a{db.user}b{db.pass|url|base64}c',
      [
        { text: 'a' },
        value('db', 'user'),
        { text: 'b' },
        value('db', 'pass', 'url', 'base64'),
        { text: 'c' },
      ],
    ],
    ['{tls.tls.crt}', [value('tls', 'tls.crt')]],
    ['{{}}', [{ text: '{}' }]],
    ['{{db.user}}', [{ text: '{db.user}' }]],
    ['{{{db.user}}}', [{ text: '{' }, value('db', 'user'), { text: '}' }]],
    ['{{"a": {db.a|json}}}', [{ text: '{"a": ' }, value('db', 'a', 'json'), { text: '}' }]],
    ['{db.a}{db.b}', [value('db', 'a'), value('db', 'b')]],
    ['{db.with space}', [value('db', 'with space')]],
  ])('%j', (text, template) => {
    expect(parseTemplate(text)).toEqual({ template, problems: [] });
  });

  it.each([
    ['{', 1, 1, 'this brace is never closed; a brace itself is written twice'],
    ['x\n  {db.user', 2, 3, 'this brace is never closed; a brace itself is written twice'],
    ['a}', 1, 2, 'this brace closes nothing; a brace itself is written twice'],
    ['{db.user}}', 1, 10, 'this brace closes nothing; a brace itself is written twice'],
    ['{}', 1, 1, 'expected credential.field, found ""; a brace itself is written twice'],
    ['{db}', 1, 1, 'expected credential.field, found "db"; a brace itself is written twice'],
    ['{db.}', 1, 1, 'expected credential.field, found "db."; a brace itself is written twice'],
    ['{DB.user}', 1, 1, 'expected credential.field, found "DB.user"; a brace itself is written twice'],
    ['{"a": 1}', 1, 1, 'expected credential.field, found ""a": 1"; a brace itself is written twice'],
    ['{db.a\u0000}', 1, 1, 'expected credential.field, found "db.a\\u0000"; a brace itself is written twice'],
    ['{db.user|upper}', 1, 1, 'no filter "upper"; there are json, url, base64'],
    ['{db.user|constructor}', 1, 1, 'no filter "constructor"; there are json, url, base64'],
    ['{db.user|}', 1, 1, 'no filter ""; there are json, url, base64'],
  ])('%j is a mistake with its place', (text, line, column, message) => {
    expect(parseTemplate(text).problems).toEqual([{ line, column, message }]);
  });

  it('reports every mistake, up to ten', () => {
    expect(parseTemplate('{a} {b}\n}').problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [1, 5],
      [2, 1],
    ]);
    expect(parseTemplate('} '.repeat(100_000)).problems).toHaveLength(10);
  });

  it('reads a long text of open braces quickly', () => {
    expect(parseTemplate('{ '.repeat(200_000)).problems).toHaveLength(1);
  });
});

describe('rendering', () => {
  const VALUES: Readonly<Record<string, string>> = {
    'db.user': 'ann',
    'db.pass': 'p"ä/{db.user}',
    'db.half': '\ud800',
    'tls.tls.crt': 'PEM',
    'db.empty': '',
  };
  const values = (credential: string, field: string) => VALUES[`${credential}.${field}`];
  const render = (text: string) => renderTemplate(parseTemplate(text).template, values);

  it.each([
    ['{db.user}:{db.user}', 'ann:ann'],
    ['{tls.tls.crt}', 'PEM'],
    ['[{db.empty}]', '[]'],
    ['{db.pass}', 'p"ä/{db.user}'],
    ['{db.pass|json}', '"p\\"ä/{db.user}"'],
    ['{db.pass|url}', 'p%22%C3%A4%2F%7Bdb.user%7D'],
    ['{db.pass|base64}', 'cCLDpC97ZGIudXNlcn0='],
    ['{db.user|base64|json}', '"YW5u"'],
    ['{db.half|url}', '%EF%BF%BD'],
    ['{{{db.user}}}', '{ann}'],
  ])('%s', (text, rendered) => {
    expect(render(text)).toEqual({ text: rendered });
  });

  it('names every value that is missing, once', () => {
    expect(render('{db.user} {db.port} {x.y} {db.port|json}')).toEqual({ missing: ['db.port', 'x.y'] });
  });
});
