import { beforeAll, describe, expect, it } from 'vitest';
import { type Keys, readContents } from '../../../src/keys/contents.ts';
import { dueSteps, type Moment, type Rotation } from '../../../src/keys/due.ts';
import { ALL_SETTLED, filled, moment, NOTHING_SETTLED } from '../../support/keys.ts';

const DAY_MS = 86_400_000;
let keys: Keys;
beforeAll(async () => {
  keys = readContents(await filled()).keys;
});

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const asked = (...rotations: Rotation[]) => new Set(rotations);
/** A second CA, current since `days` ago; the served certificate is still of the first one. */
function overlapping(days: number, authority = 1): Keys {
  const [first] = keys.authorities;
  if (first === undefined || keys.leaf === undefined) throw new Error('no keys');
  const second = { ...first, notBefore: inDays(-days), expiresAt: inDays(730 - days) };
  return { ...keys, authorities: [second, first], leaf: { ...keys.leaf, authority } };
}

describe('what is due', () => {
  it.each<[string, () => Keys, Partial<Moment>, readonly string[]]>([
    ['of a fresh Secret', () => keys, {}, []],
    ['of an empty one', () => readContents({}).keys, {}, ['MakeAuthority', 'MakePath', 'MakeInjection']],
    [
      'of an empty one whose certificate is somebody else’s',
      () => readContents({}).keys,
      { names: undefined },
      ['MakePath', 'MakeInjection'],
    ],
    ['without a certificate', () => ({ ...keys, leaf: undefined }), {}, ['IssueLeaf']],
    ['without the key of the CA', () => ({ ...keys, signingKey: undefined }), {}, ['MakeAuthority']],
    ['after 19 days', () => keys, { now: inDays(19) }, []],
    ['after 21 days', () => keys, { now: inDays(21) }, ['IssueLeaf']],
    ['after 31 days without a leader', () => keys, { now: inDays(31) }, ['IssueLeaf']],
    ['after three years without a leader', () => keys, { now: inDays(1100) }, ['MakeAuthority']],
    ['when the Service has another name', () => keys, { names: ['other.countersign.svc'] }, ['IssueLeaf']],
    ['when a certificate is asked for', () => keys, { asked: asked('tls') }, ['IssueLeaf']],
    ['when a CA is asked for', () => keys, { asked: asked('ca') }, ['MakeAuthority']],
    ['when both are, the certificate first', () => keys, { asked: asked('ca', 'tls') }, ['IssueLeaf']],
    [
      'of a new CA that is not registered',
      () => overlapping(0),
      { settled: { ...ALL_SETTLED, bundle: false } },
      [],
    ],
    ['of one, even if the certificate should be renewed', () => overlapping(0), { now: inDays(21) }, []],
    ['of one, once the certificate is over', () => overlapping(0), { now: inDays(31) }, ['IssueLeaf']],
    ['of a new CA that is registered', () => overlapping(0), { settled: ALL_SETTLED }, ['IssueLeaf']],
    ['of a CA 30 days after the next one', () => overlapping(30, 0), { settled: ALL_SETTLED }, []],
    [
      'of a CA 32 days after the next one',
      () => overlapping(32, 0),
      { settled: ALL_SETTLED },
      ['DropAuthorities'],
    ],
    ['of one that something served is of', () => overlapping(32), { settled: NOTHING_SETTLED }, []],
    ['when a segment is asked for', () => keys, { asked: asked('path') }, ['MakePath']],
    [
      'of two segments, the new one not registered',
      () => ({ ...keys, path: { current: 'new', previous: 'old' } }),
      { settled: { ...ALL_SETTLED, path: false }, asked: asked('path') },
      [],
    ],
    [
      'of two segments, the new one registered',
      () => ({ ...keys, path: { current: 'new', previous: 'old' } }),
      { settled: ALL_SETTLED },
      ['DropPath'],
    ],
    ['when a key is asked for', () => keys, { asked: asked('injection') }, ['NextInjection']],
    [
      'of a next key that is not known to all',
      () => ({ ...keys, injection: { ...keys.injection, next: keys.injection.current } }),
      {},
      [],
    ],
    [
      'of a next key that is',
      () => ({ ...keys, injection: { ...keys.injection, next: keys.injection.current } }),
      { settled: ALL_SETTLED },
      ['UseInjection'],
    ],
  ])('%s', (_, of, change, steps) => {
    expect(dueSteps(of(), moment(change))).toEqual(steps);
  });

  it('is a CA 90 days before its end, after the certificate', () => {
    const [authority] = keys.authorities;
    if (authority === undefined) throw new Error('no CA');
    const late = { ...keys, authorities: [{ ...authority, expiresAt: inDays(89) }] };

    expect(dueSteps(late, moment())).toEqual(['MakeAuthority']);
    expect(dueSteps(late, moment({ now: inDays(21) }))).toEqual(['IssueLeaf']);
  });
});
