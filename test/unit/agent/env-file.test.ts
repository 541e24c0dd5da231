import { describe, expect, it } from 'vitest';
import { envFile } from '../../../src/agent/env-file.ts';
import type { AgentVariable } from '../../../src/core/inject/agent-config.ts';
import { parseEnv } from '../../support/env-file.ts';

function field(variable: string, name: string, base64 = false): AgentVariable {
  return { variable, value: { kind: 'field', credential: 'db', field: name, base64 } };
}

function written(variables: readonly AgentVariable[], data: object, token = 'hvs.t') {
  const credentials = new Map([['db', JSON.parse(JSON.stringify(data))]]);
  return envFile(variables, credentials, token);
}

function causes(result: ReturnType<typeof written>): readonly string[] {
  return 'failures' in result ? result.failures.map(({ where, cause }) => `${where}: ${cause}`) : [];
}

describe('envFile', () => {
  it('writes one sorted line a variable', () => {
    const variables = [
      field('Z', 'user'),
      { variable: 'VAULT_TOKEN', value: { kind: 'token' } } as const,
      field('A', 'port'),
      field('M', 'all'),
    ];
    const data = { user: 'app', port: 5432, all: { b: 1, a: null } };
    expect(written(variables, data)).toEqual({
      value: `A='5432'\nM='{"a":null,"b":1}'\nVAULT_TOKEN='hvs.t'\nZ='app'\n`,
    });
  });

  it.each([
    ['plain', 'app'],
    ['what a shell would expand', '$HOME `id` $(id) \\n "x" #no'],
    ['several lines', 'a\n\n b\n'],
    ['a line end alone', '\n'],
    ['what looks like another variable', 'a\nB=c'],
    ['a carriage return in a line', 'a\rb\r'],
    ['blanks around', '  a\t '],
    ['what is not ASCII', 'ü字\u{1f600}'],
    ['as much as fits', 'x'.repeat(32 * 1024)],
  ])('is read by kubelet as what it was: %s', (_, value) => {
    const result = written([field('A', 'a'), field('Z', 'z')], { a: value, z: 'end' });
    const file = 'value' in result ? result.value : '';
    expect([parseEnv(file, 'A'), parseEnv(file, 'Z')]).toEqual([value, 'end']);
  });

  it.each([
    ['a quote', "it's", "db.a holds a ', which kubelet's env file can't carry: ask for db.a|base64"],
    ['a NUL', 'a\0b', 'db.a holds a NUL, which no environment variable can carry: ask for db.a|base64'],
    [
      'a CR LF',
      'a\r\nb',
      "db.a holds a line that ends in CR LF, which kubelet's env file can't carry: ask for db.a|base64",
    ],
    ['nothing', '', "db.a is empty, which kubelet's env file can't carry: use file.*"],
    ['too much', 'ü'.repeat(16 * 1024 + 1), 'db.a is larger than the 32 KiB of a variable: use file.*'],
    ['no such field', null, "vault's answer has no field db.a"],
  ])('refuses %s, and says whose variable it is', (_, value, cause) => {
    const result = written([field('PASSWORD', 'a')], { a: value });
    expect(causes(result)).toEqual([`countersign.dev/env.PASSWORD: ${cause}`]);
  });

  it.each(["it's", 'a\0b', 'a\r\nb', 'ü'])('carries %j as base64', (value) => {
    const result = written([field('A', 'a', true)], { a: value });
    const file = 'value' in result ? result.value : '';
    expect(Buffer.from(parseEnv(file, 'A') ?? '', 'base64').toString('utf8')).toBe(value);
  });

  it('refuses more than kubelet takes in one file', () => {
    const variables = ['A', 'B', 'C'].map((name) => field(name, 'a'));
    expect(causes(written(variables, { a: 'x'.repeat(30_000) }))).toEqual([
      'countersign.dev/env: all variables together are larger than 64 KiB: use file.* for the large ones',
    ]);
  });

  it('names every variable that can not be written, and no value', () => {
    const result = written([field('A', 'a'), field('B', 'b')], { a: "secret'1", b: "secret'2" });
    expect(causes(result)).toHaveLength(2);
    expect(causes(result).join()).not.toContain('secret');
  });

  it('refuses a token that has a quote, for which there is no other way', () => {
    const variable: AgentVariable = { variable: 'VAULT_TOKEN', value: { kind: 'token' } };
    expect(causes(written([variable], {}, "a'b"))).toEqual([
      "countersign.dev/env.VAULT_TOKEN: the vault token holds a ', which kubelet's env file can't carry",
    ]);
  });
});
