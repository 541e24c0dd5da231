import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../src/core/inject/canonical-json.ts';
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

  it.each<[string, readonly (Uint8Array | undefined)[], boolean]>([
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

describe('canonical JSON', () => {
  it.each<[Json | undefined, string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ a: undefined, b: {} }, '{"b":{}}'],
    [undefined, 'null'],
    ['\ud800"', '"\\ud800\\""'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('cuts what is deeper than anything of ours', () => {
    const deep: Json = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);

    expect(canonicalJson(deep)).toContain('too deep');
  });
});
