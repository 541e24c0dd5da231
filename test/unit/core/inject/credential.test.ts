import { describe, expect, it } from 'vitest';
import { parseCredential } from '../../../../src/core/inject/credential.ts';

describe('a path to read', () => {
  it.each([
    ['secret/data/app', 'secret/data/app'],
    ['  database/creds/app\n', 'database/creds/app'],
    ['"secret/data/my app"', 'secret/data/my app'],
    ['secret/data/a.b', 'secret/data/a.b'],
    ['secret/data/...', 'secret/data/...'],
    ['writer/data/x', 'writer/data/x'],
    ['secret/v1/x', 'secret/v1/x'],
    ['secret/a*b', 'secret/a*b'],
    ['secret/a+b/c+', 'secret/a+b/c+'],
    ['a'.repeat(512), 'a'.repeat(512)],
  ])('%j', (text, path) => {
    expect(parseCredential(text)).toEqual({ operation: 'read', path, parameters: {}, problems: [] });
  });
});

describe('a path to call', () => {
  it.each([
    ['write pki/issue/app', {}],
    ['write pki/issue/app common_name=a.b ttl=1h', { common_name: 'a.b', ttl: '1h' }],
    ['write  "pki/issue/app"   a="x y" b="\\"" c=', { a: 'x y', b: '"', c: '' }],
    ['write pki/issue/app a=b=c', { a: 'b=c' }],
    ['write pki/issue/app constructor=x toString=y', { constructor: 'x', toString: 'y' }],
  ])('%j', (text, parameters) => {
    expect(parseCredential(text)).toEqual({
      operation: 'write',
      path: 'pki/issue/app',
      parameters,
      problems: [],
    });
  });
});

describe('mistakes', () => {
  it.each([
    ['', 'expected a Vault path'],
    ['  ', 'expected a Vault path'],
    ['write', 'expected a Vault path behind "write"'],
    ['""', 'the path is empty'],
    ['"a" b', 'expected one Vault path, found 1 more words; "write PATH key=value" calls a path'],
    ['"a', 'a quotation mark is never closed'],
    ['"a"b', 'the path is not a valid JSON string'],
    ['"a\\x"', 'the path is not a valid JSON string'],
    ['"a\\u0007b"', 'the path holds a control character or half a surrogate pair'],
    ['a\u0000b', 'the path holds a control character or half a surrogate pair'],
    ['a/\ud800', 'the path holds a control character or half a surrogate pair'],
    ['/secret/x', 'the path starts with a slash; write it as "secret/data/app"'],
    ['v1/secret/x', 'the path starts with "v1/"; leave that away'],
    ['secret/', 'the path ends in a slash; only single entries can be read'],
    ['a//b', 'the path has an empty segment ("//")'],
    ['a/../b', 'the path has a "." or ".." segment'],
    ['..', 'the path has a "." or ".." segment'],
    ['a/.', 'the path has a "." or ".." segment'],
    ['a/b?list=true', 'the path holds a query ("?"); use "write PATH key=value" to pass parameters'],
    ['a/b#c', 'the path holds "#"; name the field where it is used: file.<file name>: name.field'],
    ['a/%2e%2e/b', 'the path holds "%" or a backslash; write it plainly, without escapes'],
    ['a\\..\\b', 'the path holds "%" or a backslash; write it plainly, without escapes'],
    ['secret/data/*', 'the path is a pattern ("*" or "+"); name one path'],
    ['secret/+/x', 'the path is a pattern ("*" or "+"); name one path'],
    ['+/x', 'the path is a pattern ("*" or "+"); name one path'],
    ['secret/+', 'the path is a pattern ("*" or "+"); name one path'],
    ['write a/b k!=x', 'expected key=value behind the path, the key of letters, digits, "_", "-" and "."'],
    ['a'.repeat(513), 'the path is longer than 512 characters'],
    ['write a/b x', 'expected key=value behind the path, the key of letters, digits, "_", "-" and "."'],
    ['write a/b =x', 'expected key=value behind the path, the key of letters, digits, "_", "-" and "."'],
    [
      'write a/b __proto__=x',
      'expected key=value behind the path, the key of letters, digits, "_", "-" and "."',
    ],
    ['write a/b k="x"y', 'the value of k is not a valid JSON string'],
    ['write a/b k=x"y z"', 'the value of k is not a valid JSON string'],
    ['write a/b k=1 k=2', 'k is given twice'],
  ])('%j', (text, problem) => {
    expect(parseCredential(text).problems).toEqual([problem]);
  });

  it('are all reported at once', () => {
    expect(parseCredential('write /v1/a//b?x k k=1 k=2').problems).toHaveLength(6);
  });

  it('never repeat a value', () => {
    expect(parseCredential('write a/b password="hunter2"x').problems.join()).not.toContain('hunter2');
  });

  it('are found quickly in a long text', () => {
    expect(parseCredential(`write a/b ${'"'.repeat(100_001)}`).problems).not.toEqual([]);
  });
});
