import { describePolicyTemplates } from '../support/policy-template-suite.ts';

// OpenBao, which needs no build, is held to it by `npm test`.
describePolicyTemplates('Vault');
