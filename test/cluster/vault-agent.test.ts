import { describe } from 'vitest';
import { describeAgent } from '../support/agent-contract.ts';
import { describeOutages } from '../support/agent-outage-contract.ts';
import { describeRotation } from '../support/agent-rotation-contract.ts';
import { describeSidecar } from '../support/agent-sidecar-contract.ts';

// OpenBao, which needs no build, is held to the same by `npm test`.
describe('init', () => {
  describeAgent('Vault');
});
describe('the sidecar', () => {
  describeSidecar('Vault');
});
describe('an outage', () => {
  describeOutages('Vault');
});
describe('a rotation', () => {
  describeRotation('Vault');
});
