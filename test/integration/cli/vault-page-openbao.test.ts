import { describe } from 'vitest';
import { startFakePageCluster } from '../../support/vault-page-fake-cluster.ts';
import { vaultPageSuite } from '../../support/vault-page-suite.ts';

/** docs/vault.md, followed with a real OpenBao and an API server that is none. */
describe('docs/vault.md at OpenBao:', () => {
  vaultPageSuite('OpenBao', startFakePageCluster, ['file']);
});
