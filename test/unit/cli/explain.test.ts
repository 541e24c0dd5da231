import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { explainAny } from '../../../src/cli/explain.ts';
import { tokensIn } from '../../../src/cli/explain-jwt.ts';
import { EXIT, type ExitCode } from '../../../src/cli/host.ts';
import { MAX_TEXT } from '../../../src/core/explain/windows.ts';
import { withFiles } from '../../support/cli.ts';
import { messageOf } from '../../support/explain.ts';

type Options = Parameters<typeof explainAny>[1];

async function run(
  words: readonly string[],
  {
    options = {},
    stdin = [],
    decided,
  }: { options?: Partial<Options>; stdin?: readonly string[]; decided?: ExitCode | undefined } = {},
) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const asked: string[] = [];
  const code = await explainAny(
    words,
    { output: 'text', ...options },
    {
      out: (text) => void printed.push(text),
      err: (text) => void complaints.push(text),
      stdin: (async function* () {
        for (const text of stdin) yield Buffer.from(text);
      })(),
      paint: (_, text) => text,
    },
    async (id) => {
      asked.push(id);
      return decided;
    },
  );
  return { code, out: printed.join('\n'), err: complaints.join('\n'), asked };
}

const text = messageOf('list-in-namespace');

function token(claims: object, expiresSeconds: number): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .setExpirationTime(expiresSeconds)
    .sign(Buffer.alloc(32, 'secret'));
}

describe('countersign explain', () => {
  it.each([
    ['an argument', [text], []],
    ['words that were not quoted', text.split(' '), []],
    ['standard input', ['-'], [text.slice(0, 50), text.slice(50)]],
  ])('reads %s', async (_, words, stdin) => {
    const { code, out, asked } = await run(words, { stdin });

    expect(code).toBe(EXIT.ok);
    expect(out).toContain('missing   list pods in shop');
    expect(asked).toEqual([]);
  });

  it('reads a file, and nothing else that has a name', async () => {
    await withFiles({ 'refused.txt': text }, async (dir) => {
      expect((await run([join(dir, 'refused.txt')])).out).toContain('missing   list pods in shop');
      expect(await run([dir])).toMatchObject({ code: EXIT.usage, out: '' });
      await chmod(join(dir, 'refused.txt'), 0o000);
      const { code } = await run([join(dir, 'refused.txt')]);
      // Root may read what nobody may.
      expect(code).toBe(process.getuid?.() === 0 ? EXIT.ok : EXIT.usage);
    });
  });

  it('reads the beginning of what is endless', async () => {
    const endless = Array.from({ length: 40 }, () => 'x'.repeat(MAX_TEXT / 8));
    const { code, err } = await run(['-'], { stdin: [text, ...endless] });

    expect(code).toBe(EXIT.ok);
    expect(err).toBe('only the first 256 KiB are read');
  });

  it.each([
    ['what it knows', [text], EXIT.ok],
    ['what it does not know', ['nope'], EXIT.findings],
    ['nothing', ['  '], EXIT.usage],
  ])('has an exit code for %s', async (_, words, code) => {
    expect((await run(words)).code).toBe(code);
  });

  it.each([
    [EXIT.ok, EXIT.ok],
    [undefined, EXIT.findings],
  ])('hands a decision on, whose code %s is %s', async (decided, code) => {
    const result = await run(['d-bf3zssgc'], { decided });

    expect(result).toEqual({ code, out: '', err: '', asked: ['d-bf3zssgc'] });
  });

  it('takes what only looks like a decision for a text', async () => {
    expect((await run(['d-bf3zssgu'])).asked).toEqual([]);
  });

  it.each(['json', 'yaml'] as const)('prints %s', async (output) => {
    const printed: unknown = parse((await run([messageOf('service-account')], { options: { output } })).out);

    expect(printed).toMatchObject({
      source: 'kube-apiserver',
      status: 403,
      cause: 'MissingScope',
      subject: { kind: 'ServiceAccount', namespace: 'shop', name: 'api' },
      missing: ['list endpointslices.discovery.k8s.io in shop'],
      objects: [{ kind: 'Role' }, { kind: 'RoleBinding', roleRef: { kind: 'Role' } }],
    });
  });
});

describe('a JWT', () => {
  const now = Math.floor(Date.now() / 1000);

  it.each([
    ['that has expired', { aud: 'vault' }, -7300, {}, 'the token has expired'],
    [
      'for another audience',
      { aud: 'vault' },
      600,
      { audience: 'shop' },
      'the token is for another audience',
    ],
    ['of another issuer', { iss: 'a' }, 600, { issuer: 'b' }, 'the token comes from another issuer'],
    ['that begins later', { nbf: now + 300 }, 600, {}, 'the token is not valid yet'],
    ['in order', { aud: 'vault' }, 600, { audience: 'vault' }, 'nothing is wrong with the token'],
  ])('%s is told, and never printed', async (_, claims, life, options, sentence) => {
    const jwt = await token({ ...claims, private: 'nobody-should-read-this' }, now + life);
    for (const output of ['text', 'json', 'yaml'] as const) {
      const { code, out, err } = await run([jwt], { options: { ...options, output } });

      expect(code).toBe(EXIT.ok);
      expect(out).toContain(sentence);
      for (const part of [...jwt.split('.'), 'nobody-should-read-this'])
        expect(out + err).not.toContain(part);
    }
  });

  it('in a vague refusal says what that does not', async () => {
    const jwt = await token({ sub: 'system:serviceaccount:shop:api' }, now - 3 * 3600 - 1);
    const { out } = await run([
      `curl -H "Authorization: Bearer ${jwt}" https://kubernetes/api\n${messageOf('bad-token')}`,
    ]);

    expect(out).toMatch(/^401 from kube-apiserver: the token has expired\n/);
    expect(out).toContain('exp   expired 3h ago');
    expect(out).not.toContain(jwt.split('.')[1]);
  });

  it.each([
    ['nothing', 'no token here'],
    ['a word that only looks like one', 'eyJhbGciOiJFUzI1NiJ9.x.y'],
    ['a header that is no object', 'eyJ7S_zG.eyJH0-Z.HX4w-7v'],
  ])('is not found in %s', (_, said) => {
    expect(tokensIn(said)).toEqual([]);
  });

  it('is looked for only so often', async () => {
    const jwt = await token({}, now);

    expect(tokensIn(`${jwt} `.repeat(100))).toHaveLength(8);
  });
});
