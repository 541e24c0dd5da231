import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readConfig } from '../../../src/config/load.ts';
import { describeProblem } from '../../../src/config/problem.ts';
import { vaultFactsSettings } from '../../../src/config/vault-facts.ts';
import { createResources } from '../../../src/core/scope/resources.ts';
import { watchVaults } from '../../../src/facts/vault/watch.ts';
import { labelsIn, withVaults } from '../../../src/facts/with-vaults.ts';
import { createWorld } from '../../../src/facts/world.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { vaultCodeOf } from '../../../src/telemetry/vault-code.ts';
import { captureLog } from '../../support/log.ts';
import { API, startVaultBench, UID, type VaultBench } from '../../support/vault-facts.ts';

/** From the configuration file to the facts that a decision asks. */

let bench: VaultBench;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-vault-source-'));
  bench = await startVaultBench();
  const selector = { bound_service_account_namespace_selector: '{"matchLabels": {"env": "prod"}}' };
  const uid = `{{identity.entity.aliases.${await bench.accessor('kubernetes')}.metadata.service_account_uid}}`;
  await bench.policy('own', `path "kv/${uid}" { capabilities = ["read"] }`);
  await bench.role('app', { ...selector, bound_service_account_namespaces: '', token_policies: 'own' });
}, 60_000);

afterAll(async () => {
  await bench?.stop();
  await rm(folder, { recursive: true });
});

it('a Vault of the configuration is read for the accounts and namespaces of the cluster, and tells no secret', async () => {
  await writeFile(join(folder, 'key'), 'n'.repeat(32));
  const text = JSON.stringify({
    webhook: { tls: { selfSigned: true }, caller: { mode: 'path', segment: 'door' } },
    injection: { image: 'countersign:1', keyFile: 'key' },
    vaults: {
      default: {
        address: bench.bao.address,
        allowHTTP: true,
        facts: { role: 'countersign', authMount: 'jwt', tokenFile: bench.tokenFile },
      },
    },
  });
  const loaded = readConfig(text, join(folder, 'config.yaml'));
  if (!loaded.ok) throw new Error(loaded.problems.map(describeProblem).join('\n'));
  const log = captureLog();
  const world = createWorld(createResources());
  world.put('Namespace', { metadata: { name: 'shop', labels: { env: 'prod' } } });
  world.put('ServiceAccount', { metadata: { ...API, uid: UID } });

  const stop = new AbortController();
  const metrics = createMetrics({ version: '1' });
  const vaults = watchVaults(vaultFactsSettings(loaded.config), {
    labelsOf: (account) => labelsIn(world, account),
    factsMaxAgeSeconds: loaded.config.factsMaxAgeSeconds,
    signal: stop.signal,
    onExchange: (vault, ended) => metrics.vaultRequest(vault, vaultCodeOf(ended)),
    log: {
      info: (fields, message) => log.logger.info(message, { ...fields }),
      warn: (fields, message) => log.logger.warn(message, { ...fields }),
    },
  });
  expect(vaults.states()).toEqual([{ name: 'default', ageSeconds: Number.POSITIVE_INFINITY, failing: true }]);
  const facts = withVaults(world, vaults);
  const signal = AbortSignal.timeout(20_000);
  await vi.waitFor(
    async () => {
      await facts.prepareVault(API, signal);
      const held = facts.vault(API);
      expect(held?.read).toEqual(['default']);
      expect(held?.logins).toMatchObject([{ role: 'app', unknown: [] }]);
      expect(held?.logins[0]?.acl.rules.map(({ pattern }) => pattern)).toContain(`kv/${UID}`);
    },
    { timeout: 20_000 },
  );
  expect(vaults.problems()).toEqual([]);
  const [state] = vaults.states();
  expect(state).toMatchObject({ name: 'default', failing: false });
  expect(state?.ageSeconds).toBeLessThan(30);
  expect(await metrics.registry.metrics()).toMatch(
    /^countersign_vault_requests_total[{]vault="default",code="2xx"[}] [1-9]/m,
  );
  expect(await vaults.live.vault(API, signal)).toEqual(facts.vault(API));
  stop.abort();
  await vaults.done;

  const said = log.entries().filter(({ vault }) => vault !== undefined);
  expect(said).toEqual([
    { level: 'info', vault: 'default', msg: 'the roles and policies of a Vault are read' },
  ]);
  expect(log.lines.join('\n')).not.toMatch(/eyJ|[sb]\.[A-Za-z0-9]{20}/);
}, 60_000);
