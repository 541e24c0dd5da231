import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../../../src/core/inject/canonical-text.ts';
import { isSealed, sealOf } from '../../../../src/core/inject/seal.ts';
import type { Json } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, podWith, SETTINGS } from './fixtures.ts';

const pod = injected(inputFor(podWith(ASKS)));
const sealed = { namespace: 'shop', account: 'api', pod };
const [first, second] = SETTINGS.keys;

describe('a seal', () => {
  it('is a version and a base64url HMAC', () => {
    expect(sealOf(sealed, SETTINGS)).toMatch(/^v1\.[\w-]{43}$/);
  });

  it.each<[string, readonly (KeyObject | undefined)[], boolean]>([
    ['the key that signed', [first], true],
    ['that key as the previous one', [second, first], true],
    ['another key', [second], false],
    ['no key', [], false],
  ])('is judged by %s', (_, keys, accepted) => {
    const settings = { ...SETTINGS, keys: keys.filter((key) => key !== undefined) };

    expect(isSealed(sealed, settings)).toBe(accepted);
  });

  it.each([
    ['another namespace', { ...sealed, namespace: 'sho' }],
    ['another account', { ...sealed, account: 'pi' }],
    ['names that only together are the same', { ...sealed, namespace: 'shopa', account: 'pi' }],
    ['no pod', { ...sealed, pod: undefined }],
    ['a pod without annotations', { ...sealed, pod: { spec: pod['spec'] ?? null } }],
    [
      'a seal that is no string',
      { ...sealed, pod: { ...pod, metadata: { annotations: { 'countersign.dev/injected': 5 } } } },
    ],
    ['an empty seal', { ...sealed, pod: podWith({ ...ASKS, 'countersign.dev/injected': '' }) }],
  ])('is not for %s', (_, other) => {
    expect(isSealed(other, SETTINGS)).toBe(false);
  });
});

describe('canonical text', () => {
  it.each<[Json | undefined, string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{1:a[<true><null>1:x]1:b<1>}'],
    [{ a: undefined, b: {} }, '{1:b{}}'],
    [undefined, '<null>'],
    ['1:a', '3:1:a'],
    [JSON.parse('{"__proto__":1}'), '{9:__proto__<1>}'],
  ])('%j', (value, text) => {
    expect(canonicalText(value)).toBe(text);
  });

  it('cuts what is deeper than anything of ours', () => {
    const deep: Json = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);

    expect(canonicalText(deep)).toBe(`${'['.repeat(41)}!${']'.repeat(41)}`);
  });
});
