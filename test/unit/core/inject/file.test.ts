import { describe, expect, it } from 'vitest';
import { credentialsOf, fileNameProblem, parseFile } from '../../../../src/core/inject/file.ts';

describe('what is in a file', () => {
  it.each([
    ['db', { kind: 'all', credential: 'db' }],
    [' db\n', { kind: 'all', credential: 'db' }],
    ['db.password', { kind: 'field', credential: 'db', field: 'password' }],
    ['tls.tls.crt', { kind: 'field', credential: 'tls', field: 'tls.crt' }],
    [
      'u={db.user}\n',
      {
        kind: 'template',
        template: [{ text: 'u=' }, { credential: 'db', field: 'user', filters: [] }, { text: '\n' }],
      },
    ],
    ['{{', { kind: 'template', template: [{ text: '{' }] }],
  ])('%j', (text, content) => {
    expect(parseFile(text)).toEqual({ content, problems: [] });
  });

  it.each(['', 'two words', 'DB', 'DB.password', 'db.', '.x', 'a'.repeat(41), 'db.a|json'])(
    '%j is nothing',
    (text) => {
      expect(parseFile(text)).toEqual({
        content: undefined,
        problems: ['expected a credential, credential.field, or a template with {credential.field}'],
      });
    },
  );

  it('gives the place of a mistake in a template', () => {
    expect(parseFile('a\n{b').problems).toEqual([
      'line 2, column 1: this brace is never closed; a brace itself is written twice',
    ]);
  });

  it('tells the credentials that it is made of, each once', () => {
    const { content } = parseFile('{a.x}{b.y}{a.z}');

    expect(content && credentialsOf(content)).toEqual(['a', 'b']);
  });
});

describe('a file name', () => {
  it.each(['a', 'tls.crt', '.env', 'A_b-c.1', 'x'.repeat(58)])('%s', (name) => {
    expect(fileNameProblem(name)).toBeUndefined();
  });

  it.each(['', 'a/b', 'a b', '../x', 'ä', 'x'.repeat(59)])('%j has wrong characters', (name) => {
    expect(fileNameProblem(name)).toBe(
      'expected a file name of letters, digits, ".", "_" and "-", without folders',
    );
  });

  it.each(['.', '..', '..data', '..2026'])('%s is taken', (name) => {
    expect(fileNameProblem(name)).toBe('a file name may not be "." or start with ".."');
  });
});
