import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHECK_NAMES } from '../../../src/doctor/examine.ts';

it('every check has a row on its page, in the order in which they are printed', () => {
  const page = readFileSync('docs/doctor.md', 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);

  expect(rows).toEqual(CHECK_NAMES);
});
