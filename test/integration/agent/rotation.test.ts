import { describeRotation } from '../../support/agent-rotation-contract.ts';

describeRotation('OpenBao');
