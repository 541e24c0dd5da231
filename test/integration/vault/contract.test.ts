import { describeVaultContract } from '../../support/vault-contract.ts';

// Vault itself, whose build takes minutes, is held to it by `npm run test:cluster`.
describeVaultContract('OpenBao');
