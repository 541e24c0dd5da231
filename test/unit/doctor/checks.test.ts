import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { apiServer } from '../../../src/doctor/api-server.ts';
import type { Finding } from '../../../src/doctor/check.ts';
import { configuration } from '../../../src/doctor/configuration.ts';
import { crds } from '../../../src/doctor/crds.ts';
import { nodes } from '../../../src/doctor/nodes.ts';
import { policies } from '../../../src/doctor/policies.ts';
import { replicas } from '../../../src/doctor/replicas.ts';
import { rights } from '../../../src/doctor/rights.ts';
import { service } from '../../../src/doctor/service.ts';
import { vault } from '../../../src/doctor/vault.ts';
import { JUDGING, lines, withoutFix } from '../../support/doctor.ts';

const crd = (change: JsonObject = {}): JsonObject => ({
  spec: { versions: [{ name: 'v1alpha1', served: true }] },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
  ...change,
});
const CRD = 'scopepolicies.countersign.dev';
const LOST = 'no policy is read';
const policy = (spec: JsonObject, status: JsonObject = {}) => ({ metadata: { name: 'p' }, spec, status });
const slice = (...ready: readonly (boolean | undefined)[]) => ({
  endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
});
const replica = (change: object = {}) => ({
  name: 'countersign-1',
  phase: 'Running',
  checks: [{ name: 'facts', ok: true, detail: '3 s old' }],
  ...change,
});
const connection = (change: object = {}) => ({
  name: 'default',
  address: 'https://vault:8200',
  health: 200,
  login: 'untried' as const,
  ...change,
});
const scope = {
  kind: 'resource',
  verbs: ['list'],
  group: '',
  resource: 'nodes',
  names: [],
  place: 'everywhere',
} as const;
const text = { from: 'ConfigMap countersign/countersign', local: false, problems: [] };

const api = (version: string | undefined) => apiServer.judge(version, JUDGING);
const nodesOf = (...kubelets: readonly (string | undefined)[]) =>
  nodes.judge(
    kubelets.map((kubelet, at) => ({ name: `n${at}`, kubelet })),
    JUDGING,
  );

/** What was found, and the lines for it. */
const TABLE: readonly (readonly [
  check: string,
  found: string,
  findings: readonly Finding[],
  lines: readonly string[],
])[] = [
  ['api-server', 'a new one', api('v1.37.2'), ['ok Kubernetes v1.37.2']],
  ['api-server', 'a distribution', api('v1.30.4-eks-16b398d'), ['ok Kubernetes v1.30.4-eks-16b398d']],
  ['api-server', 'an old one', api('v1.29.9'), ['fail Kubernetes v1.29.9']],
  ['api-server', 'none', api(undefined), ['fail it does not say which version it is']],

  [
    'crds',
    'as they are',
    crds.judge([{ name: CRD, lost: LOST, object: crd() }], JUDGING),
    [`ok CRD ${CRD} serves v1alpha1`],
  ],
  [
    'crds',
    'absent',
    crds.judge([{ name: CRD, lost: LOST, object: undefined }], JUDGING),
    [`fail CRD ${CRD} is not installed: no policy is read`],
  ],
  [
    'crds',
    'another version',
    crds.judge(
      [
        {
          name: CRD,
          lost: LOST,
          object: crd({
            spec: {
              versions: [
                { name: 'v9', served: true },
                { name: 'v1alpha1', served: false },
              ],
            },
          }),
        },
      ],
      JUDGING,
    ),
    [`fail CRD ${CRD} does not serve v1alpha1, but v9`],
  ],
  [
    'crds',
    'not established',
    crds.judge(
      [
        {
          name: CRD,
          lost: LOST,
          object: crd({
            status: { conditions: [{ type: 'Established', status: 'False', message: 'names conflict' }] },
          }),
        },
      ],
      JUDGING,
    ),
    [`fail CRD ${CRD} is not served yet: names conflict`],
  ],
  [
    'crds',
    'of no shape',
    crds.judge([{ name: CRD, lost: LOST, object: 3 }], JUDGING),
    [`fail CRD ${CRD} does not serve v1alpha1, but nothing`],
  ],

  [
    'nodes',
    'all new',
    nodesOf('v1.37.0', 'v1.36.1-gke.3'),
    ['ok all kubelets (2) are new enough for files, variables and restarts'],
  ],
  [
    'nodes',
    'one old',
    nodesOf('v1.37.0', 'v1.34.2'),
    [
      'warn variables (countersign.dev/env.*) need kubelet 1.35: 1 of 2 nodes are older (n1 has v1.34.2), so pods that ask for it are refused unless their nodeSelector leaves those out',
      'warn restarts on rotation (countersign.dev/rotate: restart) need kubelet 1.36: 1 of 2 nodes are older (n1 has v1.34.2), so pods that ask for it are refused unless their nodeSelector leaves those out',
    ],
  ],
  [
    'nodes',
    'all of 1.35',
    nodesOf('v1.35.0'),
    [
      'warn restarts on rotation (countersign.dev/rotate: restart) need kubelet 1.36: 1 of 1 nodes are older (n0 has v1.35.0), so pods that ask for it are refused',
    ],
  ],
  [
    'nodes',
    'one that does not say',
    nodesOf(undefined),
    [
      expect.stringContaining('renewed'),
      expect.stringContaining('variables'),
      expect.stringContaining('(n0 has none)'),
    ],
  ],
  ['nodes', 'none', nodesOf(), ['warn there are no nodes yet']],

  [
    'policies',
    'none',
    policies.judge([], JUDGING),
    ['warn there is no ScopePolicy: workloads are warned of and never refused'],
  ],
  [
    'policies',
    'one',
    policies.judge([policy({ onChange: { missing: 'Warn' } })], JUDGING),
    ['ok the ScopePolicy is valid'],
  ],
  [
    'policies',
    'two',
    policies.judge([policy({}), policy({})], JUDGING),
    ['ok all 2 ScopePolicies are valid'],
  ],
  [
    'policies',
    'one that is not valid',
    policies.judge([policy({}), policy({ allow: ['get pods in'] })], JUDGING),
    [
      expect.stringMatching(
        /^fail ScopePolicy p is not valid, so it has no effect: spec\.allow\[0\]: line 1, column \d+: /,
      ),
    ],
  ],
  [
    'policies',
    'one that was valid before',
    policies.judge([policy({ allow: [3] }, { lastValid: {} })], JUDGING),
    [expect.stringMatching(/^fail ScopePolicy p is not valid, so its last valid version counts: /)],
  ],
  [
    'policies',
    'one that does not bite',
    policies.judge(
      [
        policy(
          {},
          { conditions: [{ type: 'Enforced', status: 'False', message: '2 namespaces are not labelled' }] },
        ),
      ],
      JUDGING,
    ),
    ['warn ScopePolicy p is not enforced everywhere: 2 namespaces are not labelled'],
  ],

  [
    'service',
    'a URL',
    service.judge({ byUrl: true, service: undefined, slices: [] }, JUDGING),
    ['ok the API server calls a URL, past every Service'],
  ],
  [
    'service',
    'absent',
    service.judge({ byUrl: false, service: undefined, slices: [] }, JUDGING),
    ['fail there is no Service countersign/countersign'],
  ],
  [
    'service',
    'a selector that finds no pod',
    service.judge({ byUrl: false, service: {}, slices: [{ endpoints: null }] }, JUDGING),
    ['fail no pod is behind Service countersign/countersign'],
  ],
  [
    'service',
    'nobody',
    service.judge({ byUrl: false, service: {}, slices: [slice(false)] }, JUDGING),
    ['fail 0 of 1 pods are ready behind Service countersign/countersign'],
  ],
  [
    'service',
    'one',
    service.judge({ byUrl: false, service: {}, slices: [slice(true, false)] }, JUDGING),
    [
      'warn 1 of 2 pods are ready behind Service countersign/countersign: one is not enough to survive a drain',
    ],
  ],
  [
    'service',
    'three',
    service.judge({ byUrl: false, service: {}, slices: [slice(true), slice(true, undefined), 3] }, JUDGING),
    ['ok 3 of 3 pods are ready behind Service countersign/countersign'],
  ],

  ['replicas', 'none', replicas.judge([], JUDGING), ['warn no pod of countersign in namespace countersign']],
  [
    'replicas',
    'ready',
    replicas.judge([replica()], JUDGING),
    ['ok pod countersign-1 is ready; facts: 3 s old'],
  ],
  [
    'replicas',
    'not ready',
    replicas.judge(
      [replica({ checks: [{ name: 'facts', ok: false, detail: 'missing: list,watch nodes everywhere' }] })],
      JUDGING,
    ),
    ['fail pod countersign-1 is not ready; facts: missing: list,watch nodes everywhere'],
  ],
  [
    'replicas',
    'pending',
    replicas.judge([replica({ phase: 'Pending' })], JUDGING),
    ['fail pod countersign-1 is Pending'],
  ],
  [
    'replicas',
    'not to be seen',
    replicas.judge([replica({ checks: 'may not get pods/proxy' })], JUDGING),
    ['?warn pod countersign-1: its /readyz was not seen: may not get pods/proxy'],
  ],

  [
    'rbac',
    'all of it',
    rights.judge({ needs: 'list nodes', answers: [{ scope, allowed: true }] }, JUDGING),
    ['ok serviceaccount countersign/countersign holds all 1 rights'],
  ],
  [
    'rbac',
    'one denied',
    rights.judge({ needs: 'list nodes', answers: [{ scope, allowed: false }] }, JUDGING),
    ['fail serviceaccount countersign/countersign may not list nodes everywhere'],
  ],
  [
    'rbac',
    'no account',
    rights.judge({ needs: undefined, answers: [] }, JUDGING),
    ['fail serviceaccount countersign/countersign is missing, or does not declare what it needs'],
  ],
  [
    'rbac',
    'no answer',
    rights.judge({ needs: 'list nodes', answers: [{ scope, allowed: undefined }] }, JUDGING),
    [
      '?warn 1 of 1 rights of serviceaccount countersign/countersign were not looked at: no answer, or no right to create subjectaccessreviews',
    ],
  ],

  [
    'configuration',
    'valid',
    configuration.judge({ ...text, text: '' }, JUDGING),
    ['ok ConfigMap countersign/countersign is valid'],
  ],
  [
    'configuration',
    'absent',
    configuration.judge({ ...text, text: undefined, why: 'absent' }, JUDGING),
    ['?warn ConfigMap countersign/countersign is not there'],
  ],
  [
    'configuration',
    'refused',
    configuration.judge({ ...text, text: undefined, why: 'refused' }, JUDGING),
    ['?warn ConfigMap countersign/countersign may not be read'],
  ],
  [
    'configuration',
    'a mistake',
    configuration.judge(
      {
        ...text,
        text: '',
        problems: [
          {
            file: 'f',
            position: { line: 2, column: 3 },
            key: 'log.level',
            message: 'expected one of debug, info',
          },
        ],
      },
      JUDGING,
    ),
    ['fail f:2:3: log.level: expected one of debug, info'],
  ],

  [
    'vault',
    'not known',
    vault.judge({ connections: undefined, inCluster: false }, JUDGING),
    ['?warn no connection is known: the configuration was not seen'],
  ],
  [
    'vault',
    'none',
    vault.judge({ connections: [], inCluster: false }, JUDGING),
    ['ok no connection is configured'],
  ],
  ...(
    [
      [connection(), 'ok connection default (https://vault:8200) is unsealed and active'],
      [connection({ health: 429 }), 'ok connection default (https://vault:8200) is an unsealed standby'],
      [
        connection({ health: 472 }),
        'warn connection default (https://vault:8200) is a disaster recovery secondary, which gives no credentials',
      ],
      [
        connection({ health: 473 }),
        'ok connection default (https://vault:8200) is an unsealed performance standby',
      ],
      [connection({ health: 501 }), 'fail connection default (https://vault:8200) is not initialised'],
      [connection({ health: 503 }), 'fail connection default (https://vault:8200) is sealed'],
      [
        connection({ health: 418 }),
        'warn connection default (https://vault:8200) answers its health with 418',
      ],
      [
        connection({ login: 'succeeded' }),
        'ok connection default (https://vault:8200) is unsealed and active, and lets us in',
      ],
      [
        connection({ login: { refused: 'permission denied' } }),
        'fail connection default (https://vault:8200) is unsealed and active, and refuses our login: permission denied',
      ],
      [
        connection({ health: 'connect ECONNREFUSED' }),
        '?warn connection default (https://vault:8200) cannot be reached from here: connect ECONNREFUSED',
      ],
    ] as const
  ).map(
    ([one, line]) =>
      [
        'vault',
        JSON.stringify(one),
        vault.judge({ connections: [one], inCluster: false }, JUDGING),
        [line],
      ] as const,
  ),
  [
    'vault',
    'away, seen from a pod',
    vault.judge({ connections: [connection({ health: 'connect ECONNREFUSED' })], inCluster: true }, JUDGING),
    ['fail connection default (https://vault:8200) cannot be reached from here: connect ECONNREFUSED'],
  ],
];

describe('the doctor', () => {
  it.each(TABLE)('says of %s: %s', (_check, _found, findings, expected) => {
    expect(lines(findings)).toEqual(expected);
    expect(withoutFix(findings)).toEqual([]);
  });
});
