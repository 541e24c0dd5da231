import * as fc from 'fast-check';

/** Words that have hurt somebody: prototypes, JSON pointers, shells, templates, terminals. */

export const hostileKey = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    '~',
    '/',
    '~1',
    'a/b~c',
    'zone.example/a~1b',
    '-',
    '0',
    'x'.repeat(300),
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

export const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '$(HOME)',
    '$$',
    '{{x}}',
    '\u0000',
    'é',
    '"',
    '\ud800',
    '\u202e',
    "'; rm -rf /; '",
    '\u001b[2J',
  ),
);

/** As a container or a volume may be called, and as nobody should call one; none of ours. */
export const label = fc
  .stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/)
  .filter((name) => !name.startsWith('countersign'));

export const anyName = fc.oneof(
  { arbitrary: label, weight: 3 },
  {
    arbitrary: hostileKey.filter((name) => !name.startsWith('countersign-')),
    weight: 1,
  },
);
