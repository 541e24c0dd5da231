import { describe, expect, it } from 'vitest';
import { ASKS, injected, inputFor, LOGIN, podWith } from './fixtures.ts';
import { ANNOTATIONS, type Change, changed, check, INIT, P, SPEC } from './tampering.ts';

describe('a pod that was altered', () => {
  const notOurs = 'is not what Countersign wrote';
  const removed = 'is missing: Countersign wrote it, and it was removed';
  const added = "may not be there: nobody may add to Countersign's own container";
  const used = "uses a volume of Countersign's, which only Countersign may give to a container";
  it.each<[string, Change, string, string]>([
    [
      'command',
      (_, init) => {
        init['command'] = ['/bin/sh'];
      },
      `${INIT}.command`,
      notOurs,
    ],
    [
      'arguments',
      (_, init) => {
        init['args'] = [];
      },
      `${INIT}.args`,
      removed,
    ],
    [
      'configuration',
      (_, init) => {
        init.env = [{ name: 'COUNTERSIGN_AGENT_CONFIG', value: '{}' }];
      },
      `${INIT}.env[COUNTERSIGN_AGENT_CONFIG]`,
      notOurs,
    ],
    [
      'configuration twice',
      (_, init) => {
        init.env?.push({ name: 'COUNTERSIGN_AGENT_CONFIG', value: '{}' });
      },
      `${INIT}.env[COUNTERSIGN_AGENT_CONFIG]`,
      notOurs,
    ],
    [
      'NODE_OPTIONS',
      (_, init) => {
        init.env?.push({ name: 'NODE_OPTIONS', value: '-r /x' });
      },
      `${INIT}.env[NODE_OPTIONS]`,
      added,
    ],
    [
      'NODE_EXTRA_CA_CERTS',
      (_, init) => {
        init.env?.push({ name: 'NODE_EXTRA_CA_CERTS', value: '/x' });
      },
      `${INIT}.env[NODE_EXTRA_CA_CERTS]`,
      added,
    ],
    [
      'LD_PRELOAD',
      (_, init) => {
        init.env?.push({ name: 'LD_PRELOAD', value: '/x' });
      },
      `${INIT}.env[LD_PRELOAD]`,
      added,
    ],
    [
      'VAULT_SKIP_VERIFY',
      (_, init) => {
        init.env?.push({ name: 'VAULT_SKIP_VERIFY', value: '1' });
      },
      `${INIT}.env[VAULT_SKIP_VERIFY]`,
      added,
    ],
    [
      'envFrom',
      (_, init) => {
        init['envFrom'] = [{ configMapRef: { name: 'x' } }];
      },
      `${INIT}.envFrom`,
      added,
    ],
    [
      'a mount of ours',
      (_, init) => {
        init.volumeMounts?.push({ name: 'data', mountPath: '/app' });
      },
      `${INIT}.volumeMounts[data]`,
      added,
    ],
    [
      'no mount for state',
      (_, init) => {
        init.volumeMounts?.splice(1, 1);
      },
      `${INIT}.volumeMounts[countersign-state]`,
      removed,
    ],
    [
      'security',
      (_, init) => {
        init['securityContext'] = { privileged: true };
      },
      `${INIT}.securityContext.privileged`,
      added,
    ],
    [
      'no security',
      (_, init) => {
        delete init['securityContext'];
      },
      `${INIT}.securityContext.runAsNonRoot`,
      removed,
    ],
    [
      'another user',
      (_, init) => {
        Object.assign(init['securityContext'] as object, { runAsUser: 1 });
      },
      `${INIT}.securityContext.runAsUser`,
      notOurs,
    ],
    [
      'resources',
      (_, init) => {
        init['resources'] = {};
      },
      `${INIT}.resources.limits.memory`,
      removed,
    ],
    [
      'a device',
      (_, init) => {
        Object.assign(init['resources'] as object, { claims: [{ name: 'gpu' }] });
      },
      `${INIT}.resources.claims`,
      added,
    ],
    [
      'an amount of something else',
      (_, init) => {
        init['resources'] = { limits: { memory: '64Mi', 'nvidia.com/gpu': 1 } };
      },
      `${INIT}.resources.limits.nvidia.com/gpu`,
      added,
    ],
    [
      'a restart policy',
      (_, init) => {
        init['restartPolicy'] = 'Always';
      },
      `${INIT}.restartPolicy`,
      added,
    ],
    [
      'a port',
      (_, init) => {
        init['ports'] = [{ containerPort: 1 }];
      },
      `${INIT}.ports`,
      added,
    ],
    [
      'a message path',
      (_, init) => {
        init['terminationMessagePath'] = '/x';
      },
      `${INIT}.terminationMessagePath`,
      added,
    ],
    [
      'no init container',
      (pod) => {
        pod.spec.initContainers.shift();
      },
      INIT,
      removed,
    ],
    [
      'an init container that runs beside',
      (pod, init) => {
        pod.spec.containers.push(init);
        pod.spec.initContainers.shift();
      },
      'spec.containers[countersign-init]',
      "this container's name belongs to Countersign",
    ],
    [
      'a second agent',
      (pod) => {
        pod.spec.containers.push({ name: 'countersign-agent' });
      },
      'spec.containers[countersign-agent]',
      "this container's name belongs to Countersign",
    ],
    [
      'a volume',
      (pod) => {
        Object.assign(pod.spec.volumes[2] ?? {}, { emptyDir: {} });
      },
      'spec.volumes[countersign-files]',
      notOurs,
    ],
    [
      'a token for another audience',
      (pod) => {
        Object.assign(pod.spec.volumes[0] ?? {}, { projected: { sources: [] } });
      },
      'spec.volumes[countersign-token]',
      notOurs,
    ],
    [
      'a volume more',
      (pod) => {
        pod.spec.volumes.push({ name: 'countersign-env' });
      },
      'spec.volumes[countersign-env]',
      'volume names that start with "countersign-" belong to Countersign',
    ],
    [
      'an unselected container with the files',
      (pod) => {
        pod.spec.containers[1] = {
          name: 'log',
          volumeMounts: [{ name: 'countersign-files', mountPath: '/x', readOnly: true }],
        };
      },
      'spec.containers[log].volumeMounts[countersign-files]',
      used,
    ],
    [
      'a consumer that may write',
      (_, __, api) => {
        api.volumeMounts?.splice(1, 1, {
          name: 'countersign-files',
          mountPath: '/var/run/secrets/countersign.dev',
        });
      },
      'spec.containers[api].volumeMounts[countersign-files]',
      notOurs,
    ],
    [
      'a consumer that sees a part',
      (_, __, api) => {
        Object.assign(api.volumeMounts?.[1] ?? {}, { subPath: 'x' });
      },
      'spec.containers[api].volumeMounts[countersign-files]',
      notOurs,
    ],
    [
      'a consumer that mounts the state',
      (_, __, api) => {
        api.volumeMounts?.push({ name: 'countersign-state', mountPath: '/s' });
      },
      'spec.containers[api].volumeMounts[countersign-state]',
      used,
    ],
    [
      'a consumer without its mount',
      (_, __, api) => {
        api.volumeMounts?.pop();
      },
      'spec.containers[api].volumeMounts[countersign-files]',
      removed,
    ],
    [
      'a variable from a file of ours',
      (_, __, api) => {
        api.env = [
          { name: 'X', valueFrom: { fileKeyRef: { volumeName: 'countersign-files', path: 'a', key: 'b' } } },
        ];
      },
      'spec.containers[api].env[X]',
      used,
    ],
  ])('has %s', (_, change, field, message) => {
    expect(check(changed(change))).toContainEqual({ field, message });
  });

  it.each<[string, Change, string, string]>([
    [
      'a foreign image',
      (_, init) => {
        init['image'] = 'evil.example/agent:1.0.0';
      },
      `${INIT}.image`,
      "evil.example/agent:1.0.0 is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
    [
      'an image that only starts alike',
      (_, init) => {
        init['image'] = 'registry.example/countersign/agent-evil:1';
      },
      `${INIT}.image`,
      "registry.example/countersign/agent-evil:1 is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
    [
      'an image below ours',
      (_, init) => {
        init['image'] = 'registry.example/countersign/agent/evil';
      },
      `${INIT}.image`,
      "registry.example/countersign/agent/evil is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
    [
      'an image of a foreign host with ours as its user',
      (_, init) => {
        init['image'] = 'registry.example/countersign/agent@evil.example/x';
      },
      `${INIT}.image`,
      "registry.example/countersign/agent@evil.example/x is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
    [
      'no image',
      (_, init) => {
        delete init['image'];
      },
      `${INIT}.image`,
      "no image is not the agent's; expected an image of registry.example/countersign/agent or mirror.example:5000/agent",
    ],
    [
      'a consumer in front',
      (pod) => {
        pod.spec.initContainers.reverse();
      },
      'spec.initContainers[migrate]',
      'starts before countersign-init, which writes what it reads',
    ],
    [
      'a mount over the files',
      (_, __, api) => {
        api.volumeMounts?.push({ name: 'data', mountPath: '/run/secrets/countersign.dev/password' });
      },
      'spec.containers[api].volumeMounts',
      'the mount at /run/secrets/countersign.dev/password overlaps /var/run/secrets/countersign.dev, where the credentials are; mount it elsewhere, or select other containers',
    ],
  ])('has, beside a seal that holds, %s', (_, change, field, message) => {
    expect(check(changed(change))).toEqual([{ field, message }]);
  });

  it('has a role that policy no longer gives', () => {
    const login = { ...LOGIN, role: 'admin' };
    const pod = injected({ ...inputFor(podWith(ANNOTATIONS, SPEC), ANNOTATIONS), login });

    expect(check(pod)).toEqual([
      {
        field: `${INIT}.env[COUNTERSIGN_AGENT_CONFIG]`,
        message: 'names another Vault role than shop_api, which this pod has by policy',
      },
    ]);
  });

  it.each<[string, Change]>([
    [
      'other credentials asked for',
      (pod) => {
        pod.metadata.annotations[`${P}credential.db`] = 'secret/data/other';
      },
    ],
    [
      'one file more',
      (pod) => {
        pod.metadata.annotations[`${P}file.more`] = 'db';
      },
    ],
    [
      'other containers selected',
      (pod) => {
        delete pod.metadata.annotations[`${P}containers`];
      },
    ],
  ])('has %s', (_, change) => {
    expect(check(changed(change))).not.toEqual([]);
  });

  it('is another account’s', () => {
    const pod = injected({ ...inputFor(podWith(ANNOTATIONS, SPEC), ANNOTATIONS), account: 'web' });

    expect(check(pod)).toEqual([
      {
        field: `${P}injected`,
        message:
          'was not made by this Countersign for this pod and service account shop/api; create the pod without it',
      },
    ]);
  });

  it('names a container that is gone', () => {
    const pod = changed(({ spec }) => {
      spec.containers.shift();
    });

    expect(check(pod)).toEqual([
      { field: `${P}containers`, message: 'there is no container api in the pod; there are log, migrate' },
      {
        field: `${P}injected`,
        message:
          'was not made by this Countersign for this pod and service account shop/api; create the pod without it',
      },
    ]);
  });

  it('is a template that copied the seal', () => {
    expect(check(podWith({ ...ASKS, [`${P}injected`]: 'v1.x' }))).toEqual([
      { field: `${P}injected`, message: 'nothing else of an injection is there; remove this annotation' },
    ]);
  });
});
