import { describeSidecar } from '../../support/agent-sidecar-contract.ts';

describeSidecar('OpenBao');
