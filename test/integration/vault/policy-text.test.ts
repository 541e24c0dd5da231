import { describePolicyText } from '../../support/policy-text-suite.ts';

// HashiCorp Vault, which has to be built, is held to it by the cluster project.
describePolicyText('OpenBao');
