import { describe, expect, it } from 'vitest';
import { imageProblems, surroundingProblems } from '../../../../src/core/inject/surroundings.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, LOGIN, podWith, SETTINGS } from './fixtures.ts';

const REPOSITORIES = ['registry.example/agent', 'mirror.example:5000/agent'];
const DIGEST = '0123456789abcdef'.repeat(4);

function accepts(image: unknown): boolean {
  const spec = { initContainers: [{ name: 'countersign-init', image }] };
  return imageProblems(spec as JsonObject, REPOSITORIES).length === 0;
}

describe('an image of the agent', () => {
  it.each([
    'registry.example/agent',
    'registry.example/agent:1.0.0',
    'registry.example/agent:v1_2-rc.3',
    `registry.example/agent@sha256:${DIGEST}`,
    `registry.example/agent:1@sha256:${DIGEST}`,
    `registry.example/agent@sha256+b64.x_y-z:${DIGEST.slice(0, 32)}`,
    'mirror.example:5000/agent:1',
    `registry.example/agent:${'a'.repeat(128)}`,
  ])('may be %s', (image) => {
    expect(accepts(image)).toBe(true);
  });

  it.each([
    '',
    'evil/agent:1',
    'registry.example/agents:1',
    'registry.example/agent/x:1',
    'x.registry.example/agent:1',
    'registry.example/agent:',
    'registry.example/agent:-1',
    'registry.example/agent:1 ',
    `registry.example/agent:${'a'.repeat(129)}`,
    `registry.example/agent@sha256:${DIGEST.slice(0, 31)}`,
    `registry.example/agent@sha256:${DIGEST}g`,
    `registry.example/agent@sha256:${DIGEST.toUpperCase()}`,
    `registry.example/agent@sha256++x:${DIGEST}`,
    `registry.example/agent@:${DIGEST}`,
    `registry.example/agent@sha256:${DIGEST}:1`,
    undefined,
    7,
  ])('may not be %j', (image) => {
    expect(accepts(image)).toBe(false);
  });

  it('is looked for in every list, under our names only', () => {
    const evil = { image: 'evil' };
    const spec = {
      initContainers: [{ name: 'x', ...evil }],
      containers: [{ name: 'countersign-agent', ...evil }, evil],
      ephemeralContainers: [{ name: 'countersign-init' }],
    };

    expect(imageProblems(spec, ['agent'])).toEqual([
      {
        field: 'spec.containers[countersign-agent].image',
        message: "evil is not the agent's; expected an image of agent",
      },
      {
        field: 'spec.ephemeralContainers[countersign-init].image',
        message: "no image is not the agent's; expected an image of agent",
      },
    ]);
  });
});

describe('the role that the agent is told', () => {
  const ROLE = 'spec.initContainers[countersign-init].env[COUNTERSIGN_AGENT_CONFIG]';

  function fieldsOf(env: unknown, role = 'shop_api'): readonly string[] {
    const init = { name: 'countersign-init', image: SETTINGS.agentImage, env };
    const pod = { spec: { initContainers: [init], containers: [] } };
    return surroundingProblems(pod, { ...LOGIN, role }, SETTINGS).map(({ field }) => field);
  }
  const telling = (value: unknown) => [{ name: 'COUNTERSIGN_AGENT_CONFIG', value }];

  it('is the one that policy gives', () => {
    const pod = injected(inputFor(podWith(ASKS)));

    expect(surroundingProblems(pod, LOGIN, SETTINGS)).toEqual([]);
    expect(
      surroundingProblems(pod, { ...LOGIN, role: 'shop_web' }, SETTINGS).map(({ field }) => field),
    ).toEqual([ROLE]);
  });

  it.each<[string, unknown, boolean]>([
    ['no variable', [], false],
    ['variables of no shape', 'x', false],
    ['another variable that tells it', [{ name: 'OTHER', value: '{"vault":{"role":"shop_api"}}' }], false],
    ['no JSON', telling('{'), false],
    ['no text', telling({}), false],
    ['no connection', telling('{}'), false],
    ['a role of no shape', telling('{"vault":{"role":["shop_api"]}}'), false],
    ['the role', telling('{"vault":{"role":"shop_api"}}'), true],
  ])('is not found in %s, unless it is there', (_, env, found) => {
    expect(fieldsOf(env)).toEqual(found ? [] : [ROLE]);
  });
});
