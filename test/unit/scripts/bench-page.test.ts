import { describe, expect, it } from 'vitest';
import { type Footprint, footprintSection } from '../../../scripts/bench/footprint-page.ts';
import { loadSection, withSections } from '../../../scripts/bench/page.ts';
import { type Scale, scaleSection } from '../../../scripts/bench/scale-page.ts';
import { type DecisionRow, type VaultRun, vaultSection } from '../../../scripts/bench/vault-page.ts';

const LATENCY = { p50Ms: 0.2, p99Ms: 3, parseP50Ms: 0.025, decisions: 1000, verdicts: { allow: 1000 } };

function scale(more: Partial<Scale> = {}): Scale {
  return {
    accounts: 10_000,
    bindings: 20_000,
    roles: 5_000,
    workloads: 20_000,
    objects: 55_202,
    listBytes: 87_000_000,
    parseMs: 900,
    indexMs: 1100,
    keptMiB: 44,
    rssMiB: 236,
    idle: LATENCY,
    changing: LATENCY,
    changes: 800,
    changingSeconds: 8,
    ...more,
  };
}

const LOAD = loadSection({
  cpu: 'a CPU',
  cores: 2,
  node: 'v24',
  coldMs: 500,
  startMs: [200, 300, 400],
  idle: { rssMiB: 93, anonymousMiB: 42 },
  loaded: { rssMiB: 189, anonymousMiB: 137 },
  bodyBytes: { inject: 2200, change: 2200 },
  rows: [
    { name: 'floor', connections: 1, perSecond: 4000, p50Ms: 0.2, p99Ms: 0.5 },
    { name: '/change', connections: 1, perSecond: 2000, p50Ms: 0.4, p99Ms: 1 },
  ],
});

describe('the page of the benchmarks', () => {
  it('sets each endpoint against the floor of the same run', () => {
    expect(LOAD).toContain('| /change | 1 | 2000 | 0.40 | 1.00 | 0.50 |');
    expect(LOAD).toContain('median of 3 | 300 ms |');
  });

  it('sets the decisions of a world against the yardstick, and says how many objects changed', () => {
    const section = scaleSection([scale()]);

    expect(section).toContain('| 10,000 | 20,000 | 5,000 | 20,000 | 87 | 900 | 1,100 | 44 | 236 |');
    expect(section).toContain('| 10,000 | changing | 0.20 | 3.00 | 8.0 |');
    expect(section).toContain('while 100 bindings, roles and workloads a second change');
  });

  it.each<[string, Partial<Scale>, string]>([
    ['p50', { changing: { ...LATENCY, p50Ms: 1.01 } }, '| 1.01 ms | 1 ms | **no** |'],
    ['p99', { changing: { ...LATENCY, p99Ms: 10.5 } }, '| 10.50 ms | 10 ms | **no** |'],
    ['memory', { rssMiB: 251 }, '| 251 MiB | 250 MiB | **no** |'],
  ])('says when the budget of %s is broken, and of that alone', (_, more, line) => {
    const section = scaleSection([scale(more)]);

    expect(section).toContain(line);
    expect(section.split('**no**')).toHaveLength(2);
    expect(scaleSection([scale()])).not.toContain('**no**');
  });

  it('judges the world of 10,000 accounts only', () => {
    expect(scaleSection([scale({ accounts: 100_000, rssMiB: 700 })])).not.toContain('budget');
  });
});

function footprint(name: Footprint['name'], more: Partial<Footprint> = {}): Footprint {
  return {
    name,
    rssMiB: 80,
    anonymousMiB: 14,
    workingSetMiB: 15,
    cpuSeconds: 0.02,
    writtenMs: [600, 700, 900],
    compressedBytes: 40e6,
    unpackedBytes: 130e6,
    ...more,
  };
}

function footprints(more: Partial<Footprint> = {}): string {
  return footprintSection({
    agents: [footprint('countersign', more), footprint('vault agent'), footprint('bao agent')],
    idleSeconds: 120,
    cores: 2,
    cpu: 'a CPU',
    load: 0.25,
  });
}

describe('the footprint', () => {
  it.each<[string, Partial<Footprint>, string]>([
    ['resident memory', { rssMiB: 60 }, '| 60.0 MiB (0.75) | 80.0 MiB | 80.0 MiB (1.00) |'],
    ['anonymous', { anonymousMiB: 7 }, '| 7.0 MiB (0.50) | 14.0 MiB | 14.0 MiB (1.00) |'],
    ['CPU in 120 s idle', { cpuSeconds: 0.03 }, '| 30 ms (1.50) | 20 ms | 20 ms (1.00) |'],
    ['median of 3', { writtenMs: [1, 1400, 9000] }, '| 1400 ms (2.00) | 700 ms | 700 ms (1.00) |'],
    ['compressed', { compressedBytes: 50e6 }, '| 50 MB (1.25) | 40 MB | 40 MB (1.00) |'],
  ])('sets %s against the yardstick of the same run', (what, more, cells) => {
    expect(
      footprints(more)
        .split('\n')
        .find((line) => line.includes(what) && line.startsWith('|')),
    ).toContain(cells);
  });

  it('says how loaded the machine was', () => {
    expect(footprints()).toMatch(/a CPU\) and a\s+load average of 0\.3/u);
  });
});

function vaultRun(warm: Partial<DecisionRow> = {}): VaultRun {
  return {
    accounts: 10_000,
    roles: 2000,
    policies: 1000,
    keptMiB: 10.7,
    rssMiB: 19.9,
    rememberedMiB: 33.3,
    readings: {
      first: { ms: 3000, cpuMs: 1100 },
      again: { ms: 1500, cpuMs: 1000 },
      plain: { ms: 2000, cpuMs: 600 },
    },
    decisions: [
      { ...LATENCY, vault: 'none', accounts: 500 },
      { ...LATENCY, vault: 'warm', accounts: 500, p50Ms: 5, p99Ms: 50 },
      { ...LATENCY, vault: 'none', accounts: 1890, p50Ms: 0.25 },
      { ...LATENCY, vault: 'warm', accounts: 1890, p50Ms: 0.5, ...warm },
      { ...LATENCY, vault: 'read', accounts: 1890, p50Ms: 5, p99Ms: 50 },
    ],
    minting: [
      { way: 'plain', connections: 1, perSecond: 1000, p50Ms: 1, p99Ms: 2 },
      { way: 'minter', connections: 1, perSecond: 800, p50Ms: 1.2, p99Ms: 3 },
      { way: 'plain', connections: 16, perSecond: 2000, p50Ms: 8, p99Ms: 9 },
      { way: 'inject', connections: 16, perSecond: 500, p50Ms: 30, p99Ms: 40 },
    ],
    cores: 2,
    cpu: 'a CPU',
    load: 0.25,
  };
}

describe('the section about Vault', () => {
  it.each([
    ['a reading against plain requests', '| a later one | 1,500 | 1,000 | 0.75 |'],
    [
      'a decision against the same accounts without Vault',
      '| everything | 1,890 | 0.50 | 3.00 | 2.0 | 20.0 |',
    ],
    ['a wrapped token against a plain one', '| wrapped, by our minter | 1 | 800 | 1.20 | 3.00 | 0.80 |'],
    ['an admission against as many at a time', '`/inject` | 16 | 500 | 30.00 | 40.00 | 0.25 |'],
  ])('sets %s', (_, line) => {
    expect(vaultSection(vaultRun())).toContain(line);
  });

  it.each<[string, Partial<DecisionRow>, string]>([
    ['p50', { p50Ms: 1.01 }, '| decision p50 with Vault | 1.01 ms | 1 ms | **no** |'],
    ['p99', { p99Ms: 10.5 }, '| decision p99 with Vault | 10.50 ms | 10 ms | **no** |'],
  ])(
    'says when the budget of %s is broken by decisions about all accounts, and of that alone',
    (_, warm, line) => {
      const section = vaultSection(vaultRun(warm));

      expect(section).toContain(line);
      expect(section.split('**no**')).toHaveLength(2);
      expect(vaultSection(vaultRun())).not.toContain('**no**');
    },
  );
});

describe('a page of which one section is measured', () => {
  const vault = vaultSection(vaultRun());
  const whole = withSections('', {
    load: LOAD,
    scale: scaleSection([scale()]),
    vault,
    footprint: footprints(),
  });

  it('begins by saying who wrote it, once', () => {
    expect(whole).toMatch(/^<!-- Written by scripts\/bench\.ts; not to be edited\. -->\n\n# Benchmarks\n\n/);
    expect(withSections(whole, { load: LOAD }).split('# Benchmarks')).toHaveLength(2);
  });

  it('keeps the others', () => {
    const grown = withSections(whole, { scale: scaleSection([scale({ keptMiB: 45 })]) });

    expect(grown).toBe(whole.replace('| 44 | 236 |', '| 45 | 236 |'));
    expect(withSections(whole, { load: LOAD.replace('2000', '2001') })).toBe(whole.replace('2000', '2001'));
    expect(withSections(whole, { vault: vault.replace('1,500', '1,501') })).toBe(
      whole.replace('1,500', '1,501'),
    );
    expect(withSections(whole, { footprint: footprints({ rssMiB: 61 }) })).toBe(
      whole.replace(footprints().trim(), footprints({ rssMiB: 61 }).trim()),
    );
  });

  it('may be the first that is written', () => {
    expect(withSections('', { load: LOAD })).toContain('/change');
    const rest = { scale: scaleSection([scale()]), vault, footprint: footprints() };

    expect(withSections(withSections('', { load: LOAD }), rest)).toBe(whole);
  });
});
