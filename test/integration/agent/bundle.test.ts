import { readFile, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { build } from '../../../scripts/build.ts';

/** What runs in every pod carries nothing of the server: less to load, less to attack. */
it('the bundle of the agent is small and holds no server, no cluster client and no second HTTP client', async () => {
  await build({ quiet: true });
  const bundle = await readFile('dist/agent.cjs', 'utf8');

  expect((await stat('dist/agent.cjs')).size).toBeLessThan(150_000);
  for (const name of [
    'fastify',
    'commander',
    '@kubernetes/client-node',
    'prom-client',
    'undici',
    'XMLHttpRequest',
  ]) {
    expect(bundle).not.toContain(name);
  }
});
