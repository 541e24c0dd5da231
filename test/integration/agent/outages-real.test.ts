import { describeOutages } from '../../support/agent-outage-contract.ts';

describeOutages('OpenBao');
