import { describePolicyTemplates } from '../../support/policy-template-suite.ts';

// HashiCorp Vault, which has to be built, is held to it by the cluster project.
describePolicyTemplates('OpenBao');
