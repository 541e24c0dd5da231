import { expect, it } from 'vitest';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { isSealed } from '../../../../src/core/inject/seal.ts';
import { NO_INJECTION } from '../../../../src/core/inject/settings.ts';
import { ASKS, injected, inputFor, podWith } from './fixtures.ts';

it('is of no kind where no connection is configured: whoever asks is refused', () => {
  const outcome = planInjection(inputFor(podWith(ASKS), ASKS, NO_INJECTION));

  expect(outcome).toMatchObject({ kind: 'problems', problems: [{ field: 'countersign.dev/vault' }] });
});

it('knows no seal then, and no image', () => {
  const pod = injected(inputFor(podWith(ASKS)));

  expect(isSealed({ namespace: 'shop', account: 'api', pod }, NO_INJECTION)).toBe(false);
  expect(NO_INJECTION).toEqual({
    vaults: {},
    agentImage: '',
    agentRepositories: [],
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '0', memory: '0' }, limits: { memory: '0' } },
    env: { runtimeClasses: [] },
    runAsUser: undefined,
    keys: [],
  });
});
