import { describe, expect, it } from 'vitest';
import { AT_RUN_TIME } from '../../src/cli/follow-config.ts';
import { readConfig } from '../../src/config/load.ts';
import { at, COMBINATIONS, rendered, SOME_PEM, template, titleOf } from '../support/chart.ts';

/** What Helm refuses before anything reaches the cluster; what each value changes is said in charts/countersign/tests. */

const vault = (more: object) => ({ config: { vaults: { default: { address: 'https://vault', ...more } } } });

/** @param key as in `log.level` */
function configWith(key: string, value: unknown): object {
  return { config: key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) };
}

describe('the chart refuses', () => {
  it.each<[string, object, string | RegExp]>([
    ['an unknown key', { replica: 3 }, "at '': additional properties 'replica' not allowed"],
    [
      'an unknown key deeper down',
      { tls: { mod: 'x' } },
      "at '/tls': additional properties 'mod' not allowed",
    ],
    ['no replica', { replicas: 0 }, "at '/replicas': minimum: got 0, want 1"],
    ['replicas in words', { replicas: 'three' }, "at '/replicas': got string, want integer"],
    ['a repository with a tag', { image: { repository: 'a:b' } }, "at '/image/repository'"],
    ['no repository', { image: { repository: '' } }, "at '/image/repository'"],
    ['a tag with a space', { image: { tag: 'a b' } }, "at '/image/tag'"],
    ['half a digest', { image: { digest: 'sha256:abc' } }, "at '/image/digest'"],
    [
      'a pull policy of no meaning',
      { image: { pullPolicy: 'Sometimes' } },
      "at '/image/pullPolicy': value must be one of",
    ],
    [
      'a pull secret without a name',
      { imagePullSecrets: [{}] },
      "at '/imagePullSecrets/0': missing property 'name'",
    ],
    [
      'an unknown TLS mode',
      { tls: { mode: 'magic' } },
      "at '/tls/mode': value must be one of 'selfSigned', 'certManager'",
    ],
    [
      'an existing Secret without its name',
      { tls: { mode: 'existingSecret', caBundle: SOME_PEM } },
      'tls: mode existingSecret needs tls.secretName and tls.caBundle',
    ],
    [
      'an existing Secret without its CA',
      { tls: { mode: 'existingSecret', secretName: 'x' } },
      'tls: mode existingSecret needs tls.secretName and tls.caBundle',
    ],
    [
      'a CA that is none',
      { tls: { mode: 'existingSecret', secretName: 'x', caBundle: 'x' } },
      "at '/tls/caBundle'",
    ],
    [
      'a Secret with another TLS mode',
      { tls: { secretName: 'x' } },
      'tls: secretName and caBundle have no effect with mode selfSigned; expected mode existingSecret',
    ],
    [
      'an issuer with another TLS mode',
      { tls: { certManager: { issuer: { name: 'x' } } } },
      'tls.certManager.issuer: has no effect with mode selfSigned',
    ],
    [
      'an issuer of another kind',
      { tls: { certManager: { issuer: { kind: 'X' } } } },
      "at '/tls/certManager/issuer/kind'",
    ],
    [
      'a lifetime without a unit',
      { tls: { certManager: { duration: '24' } } },
      "at '/tls/certManager/duration'",
    ],
    [
      'an unknown caller mode',
      { caller: { mode: 'token' } },
      "at '/caller/mode': value must be one of 'path', 'mtls'",
    ],
    [
      'mtls without names',
      { caller: { mode: 'mtls', clientCASecretName: 'x' } },
      'caller: mode mtls needs caller.clientCASecretName and caller.allowedNames',
    ],
    [
      'names without mtls',
      { caller: { allowedNames: ['x'] } },
      'caller: clientCASecretName and allowedNames have no effect with mode path',
    ],
    [
      'one port for two servers',
      { ports: { operations: 8443 } },
      'ports: expected another port for operations than for webhook',
    ],
    [
      'a port that is none',
      { ports: { webhook: 70_000 } },
      "at '/ports/webhook': maximum: got 70,000, want 65,535",
    ],
    [
      'a budget that lets all go',
      { replicas: 2, podDisruptionBudget: { maxUnavailable: 2 } },
      'podDisruptionBudget.maxUnavailable: expected less than replicas, which is 2',
    ],
    [
      'the network of the node on OpenShift',
      { openshift: true, hostNetwork: true },
      'hostNetwork: not with openshift',
    ],
    ['a namespace that is none', { vaultNamespaces: ['Vault_1'] }, "at '/vaultNamespaces/0'"],
    [
      'an address without its length',
      { networkPolicy: { apiServerCIDRs: ['10.0.0.1'] } },
      "at '/networkPolicy/apiServerCIDRs/0'",
    ],
    [
      'annotations that are ours',
      { serviceAccount: { annotations: { 'countersign.dev/needs': '' } } },
      "serviceAccount.annotations: countersign.dev/needs is the chart's own",
    ],
    [
      'labels that are ours',
      { podLabels: { 'app.kubernetes.io/name': 'x' } },
      "podLabels: app.kubernetes.io/name is the chart's own",
    ],
    ['a label that is no text', { podLabels: { a: 1 } }, "at '/podLabels/a': got number, want string"],
    [
      'a further kind without its resource',
      { workloadKinds: [{ kind: 'Rollout', template: 'spec.template' }] },
      "at '/workloadKinds/0': missing properties 'apiGroup', 'apiVersion', 'resource'",
    ],
    [
      'what the chart says itself',
      { config: { webhook: { address: ':1' } } },
      "at '/config': additional properties 'webhook' not allowed",
    ],
    [
      'a key of injection that the chart says',
      { config: { injection: { keyFile: '/x' } } },
      "at '/config/injection': additional properties 'keyFile' not allowed",
    ],
    [
      'a token file, which the chart mounts',
      vault({ facts: { role: 'x', tokenFile: '/x' } }),
      "at '/config/vaults/default/facts': additional properties 'tokenFile' not allowed",
    ],
    [
      'facts without a role',
      vault({ facts: {} }),
      "at '/config/vaults/default/facts': missing property 'role'",
    ],
    [
      'a connection without an address',
      { config: { vaults: { default: {} } } },
      "at '/config/vaults/default': missing property 'address'",
    ],
    ['an address with a path', vault({ address: 'https://vault/v1' }), "at '/config/vaults/default/address'"],
    [
      'an address in the clear',
      vault({ address: 'http://vault' }),
      'config.vaults.default.address: expected https://, or allowHTTP: true beside it',
    ],
    [
      'two CAs',
      vault({ ca: SOME_PEM, caFile: '/x' }),
      'config.vaults.default: ca and caFile exclude each other',
    ],
    [
      'a connection whose name is none',
      { config: { vaults: { A_B: { address: 'https://vault' } } } },
      "at '/config/vaults': additional properties 'A_B' not allowed",
    ],
    [
      'a log level of no meaning',
      { config: { log: { level: 'loud' } } },
      "at '/config/log/level': value must be one of 'debug', 'info', 'warn', 'error'",
    ],
    [
      'an age beyond all limits',
      { config: { factsMaxAgeSeconds: 1 } },
      "at '/config/factsMaxAgeSeconds': minimum: got 1, want 150",
    ],
    [
      'wrapped tokens for whoever knows the path',
      { config: { injection: { wrapped: {} } } },
      'config.injection.wrapped: needs caller.mode mtls',
    ],
    [
      'wrapped tokens that nobody asks for',
      {
        caller: { mode: 'mtls', clientCASecretName: 'x', allowedNames: ['x'] },
        config: { injection: { wrapped: {} } },
      },
      'config.injection.wrapped: needs a connection in config.vaults with facts',
    ],
  ])('%s', async (_, values, said) => {
    const { code, err } = await template(values);

    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(said as string) });
  });

  it('a cluster that is too old', async () => {
    const { code, err } = await template({}, '--kube-version=1.30.0');

    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('requires kubeVersion: >=1.31.0-0'),
    });
  });
});

describe.each(Object.entries(COMBINATIONS))('rendered with %s', (_, values) => {
  it('the configuration is one that the server takes', async () => {
    const config = at((await rendered(values)).one('ConfigMap'), 'data', 'config.yaml');

    const loaded = readConfig(String(config), '/etc/countersign/config.yaml');

    // The files are in the pod alone, and a certificate in shape is none.
    const problems = loaded.ok ? [] : loaded.problems.map(({ key, message }) => `${key}: ${message}`);
    expect(
      problems.filter(
        (problem) => !/cannot be read|does not exist|no such file|ENOENT|certificates in PEM/u.test(problem),
      ),
    ).toEqual([]);
  });

  it('every object has a name of its own, and names the release', async () => {
    const { objects } = await rendered(values);
    const names = objects.map(titleOf);

    expect(new Set(names).size).toBe(names.length);
    for (const object of objects)
      expect(at(object, 'metadata', 'labels', 'app.kubernetes.io/instance')).toBe('countersign');
  });
});

describe('a value', () => {
  it('of a kind whose template is elsewhere has every change of its spec looked at', async () => {
    const [rollout] = (COMBINATIONS['everything'] as { workloadKinds: object[] }).workloadKinds;
    const chart = await rendered({ workloadKinds: [{ ...rollout, template: 'spec.workload.template' }] });
    const further =
      "|| (request.resource.group == 'argoproj.io' && request.resource.resource == 'rollouts' && object.?spec != oldObject.?spec)";

    expect(JSON.stringify(chart.one('ValidatingWebhookConfiguration')).split(further)).toHaveLength(3);
    expect(JSON.stringify(chart.one('ValidatingAdmissionPolicy', 'countersign-break-glass'))).toContain(
      further,
    );
    expect((await rendered(COMBINATIONS['everything'])).text).not.toContain(further);
  });

  it.each<[string, object, 'the same' | 'others']>([
    ...[...AT_RUN_TIME].map((key): [string, object, 'the same'] => [
      key,
      configWith(key, 'debug'),
      'the same',
    ]),
    ['log', { config: { log: {} } }, 'the same'],
    ['factsMaxAgeSeconds', { config: { factsMaxAgeSeconds: 200 } }, 'others'],
    ['config.vaults', vault({}), 'others'],
    ['ports', { ports: { webhook: 10_250 } }, 'others'],
  ])('of %s leaves pods as they are only where a running server takes it up', async (_, values, pods) => {
    const checksum = async (some: object) =>
      at((await rendered(some)).one('Deployment'), 'spec', 'template', 'metadata', 'annotations');

    const [before, after] = [await checksum({}), await checksum(values)];

    expect(before).toEqual({ 'checksum/config': expect.stringMatching(/^[0-9a-f]{64}$/u) });
    if (pods === 'the same') expect(after).toEqual(before);
    else expect(after).not.toEqual(before);
  });
});
