import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { calls, ownEntries, registrationPatch, trusts } from '../../../src/keys/registration.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const service = (path?: string) => ({ name: 'countersign', namespace: 'countersign', ...(path && { path }) });
function configuration(...webhooks: JsonObject[]): JsonObject {
  return { webhooks };
}
const entry = (name: string, clientConfig: JsonObject): JsonObject => ({
  name: `${name}.countersign.dev`,
  clientConfig,
});
const wanted = { bundle: 'CA\n', segments: { current: 'new', previous: 'old', known: true } };
const right = { service: service('/inject/new'), caBundle: base64('CA\n') };

describe('a registration', () => {
  it('is given CA and path, each entry under the proviso that it is still in its place', () => {
    const stranger = { name: 'a.example', clientConfig: { service: service('/x') } };
    const url = entry('injected', { url: 'https://127.0.0.1/injected/x' });
    const patch = registrationPatch(
      configuration(stranger, url, entry('advise', { service: service() })),
      wanted,
    );

    expect(patch).toEqual([
      { op: 'test', path: '/webhooks/2/name', value: 'advise.countersign.dev' },
      { op: 'add', path: '/webhooks/2/clientConfig/caBundle', value: base64('CA\n') },
      { op: 'add', path: '/webhooks/2/clientConfig/service/path', value: '/change/new' },
    ]);
  });

  it('that is right is left alone, whatever else a platform has written', () => {
    const foreign = { ...entry('inject', right), namespaceSelector: { matchLabels: { a: 'b' } } };
    expect(registrationPatch(configuration(foreign), wanted)).toEqual([]);
  });

  it('keeps a CA that is somebody else’s', () => {
    const foreign = entry('inject', { ...right, caBundle: base64('theirs') });
    expect(registrationPatch(configuration(foreign), { ...wanted, bundle: undefined })).toEqual([]);
  });

  it.each([
    ['no path', undefined, '/inject/old'],
    ['the old path', '/inject/old', '/inject/old'],
    ['the new path', '/inject/new', '/inject/new'],
    ['a path of long ago', '/inject/older', '/inject/old'],
    ['the path of another', '/change/new', '/inject/old'],
  ])('with %s, before all replicas know the new one, ends with one that all know', (_, path, expected) => {
    const segments = { ...wanted.segments, known: false };
    const before = configuration(entry('inject', { ...right, service: service(path) }));
    const [, change] = registrationPatch(before, { ...wanted, segments });

    expect(change?.['value'] ?? path).toBe(expected);
  });

  it.each([
    [{}],
    [{ webhooks: null }],
    [{ webhooks: [null, 7, {}, { name: '__proto__', clientConfig: { service: {} } }] }],
  ])('of any shape is read: %j', (object) => {
    expect(ownEntries(object)).toEqual([]);
  });

  it('trusts and calls as it says', () => {
    const one = configuration(entry('inject', right));
    expect([trusts(one, [{ pem: 'CA' }]), trusts(one, [{ pem: 'CA' }, { pem: 'next' }])]).toEqual([
      true,
      false,
    ]);
    expect([calls(one, 'new'), calls(one, 'old')]).toEqual([true, false]);
  });
});
