import { describePersonalVault } from '../../support/personal-vault-suite.ts';

// Vault itself, whose build takes minutes, is held to it by `npm run test:cluster`.
describePersonalVault('OpenBao');
