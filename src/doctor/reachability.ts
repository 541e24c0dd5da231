import { refusalOf } from '../kube/refusal.ts';
import { type Check, type Finding, fail, ok, RELEASE, unseen } from './check.ts';

/** What came of a pod that we refuse, whoever asks. `undefined`: the API server would have created it. */
type Outcome = { readonly code: number; readonly message: string } | undefined;

interface Asked {
  readonly namespace: string;
  readonly annotated: Outcome;
  readonly posing: Outcome;
}

const INJECT = 'inject.countersign.dev';
const INJECTED = 'injected.countersign.dev';

/** No annotation of ours is called so: `inject`, which comes first, refuses it, and `injected` if that was not asked. */
const ANNOTATED = { annotations: { 'countersign.dev/doctor': 'dry-run' } };
/** A part with a name of ours in a pod that asks for nothing: that concerns `injected` alone. */
const POSING = { volumes: [{ name: 'countersign-doctor', emptyDir: {} }] };

/**
 * Does the API server reach us, trust us, and do we know it as the one who may call? Two pods are tried as a dry-run, so
 * nothing is created: only our own refusal of them proves all three.
 */
export const reachability: Check<Asked> = {
  name: 'reachability',
  async ask({ client, probeNamespace: namespace }) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const attempt = (pod: object): Promise<Outcome> =>
      client.post(path, pod, { query: { dryRun: 'All' } }).then(
        () => undefined,
        (error: unknown) => {
          const refusal = refusalOf(error);
          if (refusal === undefined) throw error;
          return refusal;
        },
      );
    const [annotated, posing] = await Promise.all([attempt(podOf(ANNOTATED)), attempt(podOf(POSING))]);
    return { namespace, annotated, posing };
  },
  judge({ namespace, annotated, posing }, judging) {
    return [...mutating(annotated), validating(namespace, posing, judging.namespace)];
  },
};

/** Within PSA restricted, and within what a quota asks for. */
function podOf({
  annotations = {},
  volumes = [],
}: {
  annotations?: object;
  volumes?: readonly object[];
}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'doctor-', annotations },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image: 'registry.invalid/countersign-doctor:none',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      volumes,
    },
  };
}

function isDenied(outcome: Outcome, webhook: string): boolean {
  return outcome?.message.includes(`admission webhook "${webhook}" denied the request`) === true;
}

/** Where neither was asked, the other pod says why. */
function mutating(outcome: Outcome): readonly Finding[] {
  if (isDenied(outcome, INJECT))
    return [ok(`${INJECT}: the API server reaches it, trusts it, and is known to it`)];
  if (!isDenied(outcome, INJECTED)) return [];
  return [
    fail(
      `${INJECT}: the API server does not get there, so pods that ask for credentials are refused`,
      `it says nothing of why, since the webhook is ignored when it fails: compare its clientConfig with that of ${INJECTED}`,
    ),
  ];
}

function validating(probed: string, outcome: Outcome, namespace: string): Finding {
  if (outcome === undefined) {
    return fail(
      `the API server did not ask ${INJECTED} about a pod in ${probed}`,
      'mend the registration (above); where a selector leaves that namespace out, name another with --probe-namespace',
    );
  }
  const { code, message } = outcome;
  if (isDenied(outcome, INJECTED)) {
    return ok(`${INJECTED}: the API server reaches it, trusts it, and is known to it`);
  }
  const called = /failed calling webhook "([^"]+)": (.*)/su.exec(message);
  if (called !== null) {
    const [, webhook = '', why = ''] = called;
    const known = FAILURES.find(({ pattern }) => pattern.test(why));
    const fix = known?.fix ?? `look at the log: kubectl logs -n NAMESPACE deploy/${RELEASE}`;
    return fail(
      `the API server calls ${webhook} and fails: ${known?.says ?? why}`,
      fix.replaceAll('NAMESPACE', namespace),
    );
  }
  if (code === 404) {
    return unseen(
      `there is no namespace ${probed} to try a pod in`,
      'name one that is there: --probe-namespace',
    );
  }
  return unseen(
    `not proved: the pod was refused before ${INJECTED} was asked: ${message}`,
    'run it as somebody who may create pods there, or name another namespace with --probe-namespace',
  );
}

/** What the API server says of a call that failed (apiserver's webhook errors, Go's net, TLS and HTTP). */
const FAILURES: readonly { readonly pattern: RegExp; readonly says: string; readonly fix: string }[] = [
  {
    pattern: /x509: certificate signed by unknown authority/u,
    says: 'it does not trust our certificate',
    fix: 'set caBundle to the CA of the certificate that is served; the line of certificates says which it is',
  },
  {
    pattern: /x509: certificate has expired/u,
    says: 'our certificate has expired',
    fix: 'have a new one made: kubectl annotate -n NAMESPACE secret countersign-keys countersign.dev/renew=tls --overwrite',
  },
  {
    pattern: /x509: (?:certificate is (?:not )?valid for|cannot validate certificate)/u,
    says: 'our certificate is for another name',
    fix: 'have a certificate made for countersign.NAMESPACE.svc',
  },
  {
    pattern: /no endpoints available|no service port|service "[^"]*" not found/u,
    says: 'nobody is ready behind the Service',
    fix: 'see why: kubectl get pods -n NAMESPACE -l app.kubernetes.io/name=countersign',
  },
  {
    pattern: /connection refused/u,
    says: 'nobody listens there',
    fix: 'compare the port of the Service with webhook.address, and see whether the pods run',
  },
  {
    pattern: /failed to call webhook: not found|could not find the requested resource/u,
    says: 'we do not know the path that it calls',
    fix: 'the segment of the path is not the configured one: see webhook.caller.segment and the registration',
  },
  {
    pattern: /forbidden/iu,
    says: 'we do not know it by its client certificate',
    fix: 'give the API server a certificate of webhook.caller.clientCAFile with one of allowedNames (docs/install.md)',
  },
  {
    pattern: /context deadline exceeded|i\/o timeout|Client\.Timeout|no route to host/u,
    says: 'it gets no answer in time',
    fix: 'let the control plane reach the port of the pods: a firewall (GKE private), a security group or an overlay network (EKS), a NetworkPolicy',
  },
  {
    pattern: /no such host|lookup /u,
    says: 'it does not find the host',
    fix: 'register by Service, or with a URL whose host the control plane can resolve',
  },
];
