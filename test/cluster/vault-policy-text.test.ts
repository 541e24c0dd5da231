import { describePolicyText } from '../support/policy-text-suite.ts';

// OpenBao, which needs no build, is held to it by `npm test`.
describePolicyText('Vault');
