import { expect, it } from 'vitest';
import type { MintOutcome } from '../../../src/admit/ports.ts';
import { countedMinter } from '../../../src/cli/minting.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const MINTED = { wrappingToken: 'w', accessor: 'a', expiresAtSeconds: 1 };
const WANTED = { vault: 'default', tokenRole: 'r', account: { namespace: 'shop', name: 'api' }, owner: '' };

it.each<[string, boolean, MintOutcome]>([
  ['minted', true, { kind: 'minted', minted: MINTED }],
  ['failed', true, { kind: 'failed', why: 'Vault is away' }],
  ['limited', false, { kind: 'failed', why: '' }],
])('a wrapped token that is %s is counted so, once, and handed on', async (counted, admitted, outcome) => {
  const metrics = createMetrics({ version: '1' });
  const minter = countedMinter({ admits: () => admitted, mint: async () => outcome }, metrics);

  expect(minter.admits('owner')).toBe(admitted);
  if (admitted) expect(await minter.mint(WANTED, new AbortController().signal)).toBe(outcome);
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines.filter((line) => /^countersign_mints_total.* 1$/.test(line))).toEqual([
    `countersign_mints_total{outcome="${counted}"} 1`,
  ]);
});
