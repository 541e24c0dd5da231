import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parseInjection } from '../../../src/core/inject/request.ts';
import { parseScopes } from '../../../src/core/scope/parse.ts';
import { countersign } from '../../support/cli.ts';

/** What the documents show is what happens. */

it('the denial in the README is the one of the example', async () => {
  const readme = await readFile('README.md', 'utf8');
  const { out } = await countersign(['check', 'manifests/examples']);
  const denial = out
    .slice(out.indexOf('deny '))
    .split('\n')
    .slice(0, 4)
    .map((line) => line.slice(8));

  expect(denial).toHaveLength(4);
  const id = /\[(d-[0-9a-z]{8}),/u.exec(denial[0] ?? '')?.[1];
  // What the webhook refuses is recorded, and fixed by its id.
  const fix = `(kubectl countersign fix ${id} -n billing`;
  const refused = denial.map((line) =>
    line
      .replace('(countersign fix DIR', fix)
      .replace('policies named above, or', `policies named above ${fix} prints how), or`),
  );
  for (const line of refused) expect(readme).toContain(line);
});

it('every scope in the documents can be read', async () => {
  const text = await readFile('docs/scopes.md', 'utf8');
  const block = /```\n([\s\S]*?)```/u.exec(text)?.[1] ?? '';

  expect(parseScopes(block).problems).toEqual([]);
  expect(parseScopes(block).scopes.length).toBeGreaterThan(8);
});

it('the annotations in the README are complete and right', async () => {
  const readme = await readFile('README.md', 'utf8');
  const entries = [
    ...readme.matchAll(/^ {4}(countersign\.dev\/(?:inject|credential|file)[^:]*): "?([^"#\n]*[^"#\n ])"?/gmu),
  ];
  const { request, problems } = parseInjection(
    Object.fromEntries(entries.map(([, key, value]) => [key, value])),
  );

  expect(problems).toEqual([]);
  expect(request?.files.map(({ file }) => file)).toEqual(['db-password', 'db.url']);
});
