import { describeAgent } from '../../support/agent-contract.ts';

// Vault itself, whose build takes minutes, is held to it by `npm run test:cluster`.
describeAgent('OpenBao');
