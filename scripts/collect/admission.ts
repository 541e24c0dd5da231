/** What admission says: the API server's own plugins, policies in CEL and webhooks. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createAuthority } from '../../src/server/authority.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { apply } from './kubernetes.ts';
import type { Collected } from './message.ts';

const FROM = 'kube-apiserver 1.37.2, admission';

const NAMESPACES = {
  strict: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  full: {},
  demanding: {},
  ranged: {},
  ruled: {},
  hooked: {},
  ending: {},
} as const;

type Object = Readonly<Record<string, unknown>>;

const pod = (namespace: string, container: Object = {}, spec: Object = {}): Object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace },
  spec: { containers: [{ name: 'web', image: 'web', ...container }], ...spec },
});

const configMap = (namespace: string, name: string): Object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
});

const OBJECTS: readonly Object[] = [
  ...Object.entries(NAMESPACES).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  })),
  quota('full', { pods: '0' }),
  quota('demanding', { 'limits.cpu': '2' }),
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'range', namespace: 'ranged' },
    spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { memory: '64Mi' } }] },
  },
  ...policy('no-blue', 'blue', 'Forbidden'),
  ...policy('no-green', 'green', undefined),
];

function quota(namespace: string, hard: object): Object {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace }, spec: { hard } };
}

function policy(name: string, forbidden: string, reason: string | undefined): readonly Object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
  const validation = {
    expression: `object.metadata.name != '${forbidden}'`,
    message: `nothing is called ${forbidden}`,
    ...(reason && { reason }),
  };
  const kind = 'ValidatingAdmissionPolicy';
  return [
    {
      apiVersion,
      kind,
      metadata: { name },
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [validation] },
    },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: { name: `${name}-here` },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}

const REFUSED: readonly (readonly [string, Object])[] = [
  ['pod-security', pod('strict')],
  ['quota', pod('full')],
  ['quota-unset', pod('demanding')],
  [
    'limit-range',
    pod('ranged', {
      resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1', memory: '64Mi' } },
    }),
  ],
  [
    'limit-range-minimum',
    pod('ranged', {
      resources: { limits: { cpu: '1', memory: '1Mi' }, requests: { cpu: '1', memory: '1Mi' } },
    }),
  ],
  ['no-service-account', pod('full', {}, { serviceAccountName: 'nobody' })],
  ['no-priority-class', pod('full', {}, { priorityClassName: 'nope' })],
  ['namespace-ending', configMap('ending', 'late')],
  ['policy-forbidden', configMap('ruled', 'blue')],
  ['policy-invalid', configMap('ruled', 'green')],
];

export async function collectAdmission(cluster: ClusterClient): Promise<readonly Collected[]> {
  await apply(cluster, OBJECTS);
  await apply(cluster, [
    {
      ...configMap('ending', 'held'),
      metadata: { name: 'held', namespace: 'ending', finalizers: ['example.com/held'] },
    },
  ]);
  await cluster.kubectl(['delete', 'namespace', 'ending', '--wait=false']);
  const collected: Collected[] = [];
  for (const [id, object] of REFUSED)
    collected.push({ id, from: FROM, text: await refusal(cluster, object) });
  return [...collected, ...(await webhooks(cluster))];
}

/** Caches of the API server may not have seen yet what refuses it. */
async function refusal(cluster: ClusterClient, object: Object): Promise<string> {
  for (;;) {
    const { code, stderr } = await cluster.kubectl(['create', '-f', '-'], {
      input: JSON.stringify(object),
      allowFailure: true,
    });
    if (code !== 0) return stderr.trim();
    await cluster.kubectl(['delete', '--wait', '-f', '-'], { input: JSON.stringify(object) });
  }
}

/** By the name of the webhook: what it answers with. */
async function statuses(): Promise<Readonly<Record<string, object>>> {
  const denial = await readFile('test/golden/messages/Missing.txt', 'utf8');
  const message = denial.slice(denial.indexOf('\n') + 1).trim();
  return {
    'change.countersign.dev': { code: 403, reason: 'Forbidden', message },
    'images.example.com': { code: 403, reason: 'Forbidden', message: 'image "web" has no digest' },
    'silent.example.com': {},
    'validation.gatekeeper.sh': {
      code: 403,
      message: '[must-have-owner] you must provide labels: {"owner"}',
    },
  };
}

async function webhooks(cluster: ClusterClient): Promise<readonly Collected[]> {
  const answers = await statuses();
  const authority = await createAuthority('hooks');
  const { certificatePem, keyPem } = await authority.issue({ name: 'hooks', hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const review = await json(request);
    const { uid } = (review as { request: { uid: string } }).request;
    const status = answers[new URL(request.url ?? '', 'https://hooks').pathname.slice(1)] ?? {};
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid, allowed: false, status },
      }),
    );
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const collected: Collected[] = [];
  try {
    for (const name of Object.keys(answers)) {
      await register(cluster, name, `https://127.0.0.1:${port}/${name}`, authority.certificatePem);
      collected.push({
        id: `webhook-${name}`,
        from: FROM,
        text: await refusal(cluster, configMap('hooked', 'x')),
      });
    }
    await register(cluster, 'down.example.com', 'https://127.0.0.1:1/', authority.certificatePem);
    collected.push({
      id: 'webhook-down',
      from: FROM,
      text: await refusal(cluster, configMap('hooked', 'x')),
    });
  } finally {
    server.close();
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'hook']);
  }
  return collected;
}

async function register(cluster: ClusterClient, name: string, url: string, caPem: string): Promise<void> {
  await apply(cluster, [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [
        {
          name,
          clientConfig: { url, caBundle: Buffer.from(caPem).toString('base64') },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'hooked' } },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
          ],
        },
      ],
    },
  ]);
  await untilAsked(cluster, name);
}

/** Until the API server asks the one that was registered last. */
async function untilAsked(cluster: ClusterClient, name: string): Promise<void> {
  for (;;) if ((await refusal(cluster, configMap('hooked', 'x'))).includes(name)) return;
}
