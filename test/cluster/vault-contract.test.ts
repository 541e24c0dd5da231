import { describeVaultContract } from '../support/vault-contract.ts';

// OpenBao, which needs no build, is held to it by `npm test`.
describeVaultContract('Vault');
