import { describe, expect, it } from 'vitest';
import type { FieldProblem } from '../../../../src/core/inject/annotations.ts';
import { checkEphemeral, checkUpdate } from '../../../../src/core/inject/invariants.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, podWith, SETTINGS } from './fixtures.ts';
import { ANNOTATIONS, type Change, changed, check, INIT, P, SPEC, WHOLE } from './tampering.ts';

describe('a pod that carries what it asked for', () => {
  it.each<[string, Change]>([
    ['as it was patched', () => {}],
    [
      'with the API server’s defaults',
      (_, init) => {
        init['terminationMessagePath'] = '/dev/termination-log';
        init['imagePullPolicy'] = 'Always';
      },
    ],
    [
      'with LimitRanger’s additions',
      (_, init) => {
        init['resources'] = {
          requests: { cpu: '10m', memory: '32Mi', 'ephemeral-storage': '1Gi' },
          limits: { cpu: '1', memory: '64Mi', 'ephemeral-storage': '1Gi' },
        };
      },
    ],
    [
      'with quantities rewritten',
      (_, init) => {
        init['resources'] = { requests: { cpu: '0.01', memory: '32768Ki' }, limits: { memory: 67108864 } };
      },
    ],
    [
      'with the agent of another release',
      (_, init) => {
        init['image'] = 'registry.example/countersign/agent@sha256:0123456789abcdef0123456789abcdef';
      },
    ],
    [
      'with the agent of a mirror',
      (_, init) => {
        init['image'] = 'mirror.example:5000/agent:0.9@sha256:0123456789abcdef0123456789abcdef';
      },
    ],
    [
      'with a harmless variable',
      (_, init) => {
        init.env?.push({ name: 'AWS_REGION', value: 'eu' });
      },
    ],
    [
      'with another’s sidecar and volume',
      (pod) => {
        pod.spec.containers.push({ name: 'proxy', volumeMounts: [{ name: 'certs', mountPath: '/certs' }] });
        pod.spec.volumes.unshift({ name: 'certs', emptyDir: {} });
      },
    ],
    [
      'with another’s init container in front',
      (pod) => {
        pod.spec.initContainers.unshift({ name: 'istio-init' });
      },
    ],
    [
      'with other needs',
      (pod) => {
        pod.metadata.annotations[`${P}needs`] = 'get pods';
      },
    ],
    [
      'with fields of the pod changed',
      (pod) => {
        pod.spec['priority'] = 5;
      },
    ],
    [
      'with privileged spelled out as false',
      (_, init) => {
        (init['securityContext'] as Record<string, unknown>)['privileged'] = false;
      },
    ],
  ])('%s', (_, change) => {
    expect(check(changed(change))).toEqual([]);
  });

  it('may be given its user by the platform', () => {
    const settings = { ...SETTINGS, runAsUser: undefined };
    const pod = injected(inputFor(podWith(ANNOTATIONS, SPEC), ANNOTATIONS, settings));
    const given = changed((_, init) => {
      Object.assign(init['securityContext'] as object, {
        runAsUser: 1_000_680_000,
        seLinuxOptions: { level: 's0' },
      });
    }, pod);

    expect(check(given, settings)).toEqual([]);
    expect(check(given)).not.toEqual([]);
  });
});

describe('a pod that asks and has nothing', () => {
  it('was not seen by the webhook', () => {
    expect(check(podWith(ASKS))).toEqual([
      {
        field: `${P}inject`,
        message:
          'the pod asks for credentials and has none: the webhook inject.countersign.dev did not answer; try again',
      },
    ]);
  });

  it('hears what it has to mend, where it can’t be injected', () => {
    expect(check(podWith(ASKS, { os: { name: 'windows' } })).map(({ field }) => field)).toEqual([
      'spec.os.name',
    ]);
  });

  it('hears what is wrong with its annotations', () => {
    expect(check(podWith({ [`${P}inject`]: 'yes' }))).toHaveLength(1);
  });

  it('is no longer injected when its seal is removed', () => {
    const pod = changed(({ metadata }) => {
      delete metadata.annotations[`${P}injected`];
    });

    expect(check(pod).map(({ field }) => field)).toContain('spec.volumes[countersign-token]');
  });
});

describe('a pod that does not ask', () => {
  it('may be any', () => {
    expect(check(podWith({ a: 'b' }, { volumes: [{ name: 'countersign' }] }))).toEqual([]);
    expect(check(undefined)).toEqual([]);
  });

  it('may carry nothing of ours', () => {
    const pod = changed(({ metadata }) => {
      metadata.annotations = { [`${P}injected`]: 'x', [`${P}accessor`]: 'y' };
    });

    expect(check(pod).map(({ field }) => field)).toEqual([
      `${P}injected`,
      `${P}accessor`,
      'spec.containers[api].volumeMounts[countersign-files]',
      INIT,
      'spec.initContainers[migrate].volumeMounts[countersign-files]',
      'spec.volumes[countersign-files]',
      'spec.volumes[countersign-state]',
      'spec.volumes[countersign-token]',
    ]);
  });
});

describe('the mirror of a static pod', () => {
  const mirror = podWith({ ...ASKS, 'kubernetes.io/config.mirror': 'x' });

  it('comes from a node', () => {
    expect(check(mirror, SETTINGS, 'system:node:worker-1')).toEqual([]);
  });

  it.each(['alice', 'system:node:', 'system:nodes:x', 'x system:node:y', ''])(
    'does not come from "%s"',
    (username) => {
      expect(check(mirror, SETTINGS, username)).toEqual([
        {
          field: 'kubernetes.io/config.mirror',
          message: 'only a node may create the mirror of a static pod',
        },
      ]);
    },
  );
});

describe('an update', () => {
  const frozen = "may not change on a pod; change the workload's template";

  it.each<[string, Change]>([
    ['nothing', () => {}],
    [
      'labels and needs',
      (pod) => {
        pod.metadata.annotations[`${P}needs`] = 'get pods';
      },
    ],
    [
      'an image of the pod’s own',
      (_, __, api) => {
        api['image'] = 'shop/api:4';
      },
    ],
    [
      'the agent’s tag',
      (_, init) => {
        init['image'] = 'registry.example/countersign/agent:2';
      },
    ],
  ])('may change %s', (_, change) => {
    expect(checkUpdate(WHOLE, changed(change), SETTINGS)).toEqual([]);
  });

  it.each<[string, Change, FieldProblem]>([
    [
      'the seal',
      (pod) => {
        pod.metadata.annotations[`${P}injected`] = 'v1.x';
      },
      { field: `${P}injected`, message: frozen },
    ],
    [
      'the request',
      (pod) => {
        pod.metadata.annotations[`${P}file.x`] = 'db';
      },
      { field: `${P}file.x`, message: frozen },
    ],
    [
      'a part',
      (_, init) => {
        init['command'] = ['x'];
      },
      { field: `${INIT}.command`, message: frozen },
    ],
    [
      'the agent’s repository',
      (_, init) => {
        init['image'] = 'evil:1';
      },
      {
        field: `${INIT}.image`,
        message:
          "evil:1 is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
      },
    ],
  ])('may not change %s', (_, change, problem) => {
    expect(checkUpdate(WHOLE, changed(change), SETTINGS)).toEqual([problem]);
  });

  it('may not make a running pod ask', () => {
    expect(checkUpdate(podWith({}), podWith({ [`${P}inject`]: 'true' }), SETTINGS)).toEqual([
      { field: `${P}inject`, message: frozen },
    ]);
  });

  it('does not ask for more than before, of a pod that was never right', () => {
    const wrong = changed((_, init) => {
      init['image'] = 'evil:1';
    });

    expect(checkUpdate(wrong, wrong, SETTINGS)).toEqual([]);
  });
});

function debugging(container: JsonObject): readonly FieldProblem[] {
  return checkEphemeral({ spec: { ephemeralContainers: [container] } });
}

describe('ephemeral containers', () => {
  it.each<JsonObject>([
    { name: 'debug' },
    { name: 'debug', targetContainerName: 'api' },
    { name: 'debug', volumeMounts: [{ name: 'data', mountPath: '/x' }] },
  ])('%j may come', (container) => {
    expect(debugging(container)).toEqual([]);
  });

  it.each<[JsonObject, string, string]>([
    [
      { name: 'debug', volumeMounts: [{ name: 'countersign-files', mountPath: '/x' }] },
      'spec.ephemeralContainers[debug].volumeMounts[countersign-files]',
      "uses a volume of Countersign's",
    ],
    [
      { name: 'debug', env: [{ name: 'X', valueFrom: { fileKeyRef: { volumeName: 'countersign-env' } } }] },
      'spec.ephemeralContainers[debug].env[X]',
      "uses a volume of Countersign's",
    ],
    [
      { name: 'debug', targetContainerName: 'countersign-agent' },
      'spec.ephemeralContainers[debug].targetContainerName',
      "enters Countersign's own container",
    ],
    [
      { name: 'countersign-init' },
      'spec.ephemeralContainers[countersign-init].name',
      "this container's name belongs to Countersign",
    ],
  ])('%j may not', (container, field, message) => {
    expect(debugging(container)).toEqual([{ field, message }]);
  });

  it('are none in any other JSON', () => {
    expect([undefined, 5, {}, { spec: { ephemeralContainers: 'x' } }].flatMap(checkEphemeral)).toEqual([]);
  });
});
