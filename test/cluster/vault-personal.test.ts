import { describePersonalVault } from '../support/personal-vault-suite.ts';

describePersonalVault('Vault');
