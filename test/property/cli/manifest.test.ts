import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { manifest } from '../../../src/cli/manifest.ts';
import { readYaml } from '../../../src/facts/folder/yaml.ts';
import { runs } from '../../support/runs.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    'no',
    'Y',
    'null',
    '~',
    '0x1f',
    '1e3',
    '-',
    '*',
    '&a',
    '!b',
    '# c',
    'a: b',
    'a\nb',
    '---',
    '\u202e',
    '\ud800',
  ),
);
const rule = fc.record({ verbs: fc.array(text), resources: fc.array(text) });
const object = fc.record({
  kind: text,
  metadata: fc.record({ name: text, namespace: fc.option(text, { nil: undefined }) }),
  labels: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    text,
  ),
  rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
});

/** What a Unicode writer can't write, a lone surrogate, is the same in JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a manifest', () => {
  it('reads the same in YAML 1.1, in YAML 1.2 and as kubectl reads it', () => {
    fc.assert(
      fc.property(object, (value) => {
        const written = manifest(value);
        const meant = plain(value);

        expect(plain(parse(written, { version: '1.1' }))).toEqual(meant);
        expect(plain(parse(written))).toEqual(meant);
        expect([...readYaml(written)].map((document) => plain(document.value))).toEqual([meant]);
      }),
      { numRuns: runs(500) },
    );
  });

  it('is printable ASCII, whatever is in it', () => {
    fc.assert(
      fc.property(object, (value) => {
        expect(manifest(value)).toMatch(/^[\n -~]*$/u);
      }),
      { numRuns: runs(500) },
    );
  });
});
