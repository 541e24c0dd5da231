import { describeCapabilities } from '../../support/vault-differential.ts';

// Vault itself, whose build takes minutes, is held against by `npm run test:cluster`.
describeCapabilities('OpenBao');
