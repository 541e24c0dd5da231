import { describeCapabilities } from '../support/vault-differential.ts';

// OpenBao, which needs no build, is held against by `npm test`.
describeCapabilities('Vault');
