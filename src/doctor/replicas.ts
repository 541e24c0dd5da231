import { CountersignError } from '../core/errors.ts';
import { isObject, listOf, objectOf, textOf } from '../core/json.ts';
import { refusalOf } from '../kube/refusal.ts';
import { type Check, type Finding, fail, ok, RELEASE, type Surroundings, unseen, warn } from './check.ts';

interface Replica {
  readonly name: string;
  readonly phase: string;
  /** Its /readyz; a text is why there is none. */
  readonly checks: readonly ReadyCheck[] | string;
}

interface ReadyCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const PORT = 9090;

/** How does it stand with each replica: its caches, their age, what it complains of? */
export const replicas: Check<readonly Replica[]> = {
  name: 'replicas',
  async ask(surroundings) {
    const { client, namespace } = surroundings;
    const pods = await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, {
      query: { labelSelector: `app.kubernetes.io/name=${RELEASE}`, limit: '50' },
    });
    const items = listOf(objectOf(pods)['items']).map(objectOf);
    const serving = items.filter(({ metadata }) => {
      const { labels, deletionTimestamp } = objectOf(metadata);
      const component = textOf(objectOf(labels)['app.kubernetes.io/component']) ?? 'webhook';
      return deletionTimestamp === undefined && component === 'webhook';
    });
    return Promise.all(
      serving.map(async ({ metadata, status }): Promise<Replica> => {
        const name = textOf(objectOf(metadata)['name']) ?? '';
        return {
          name,
          phase: textOf(objectOf(status)['phase']) ?? '',
          checks: await readyz(surroundings, name),
        };
      }),
    );
  },
  judge(asked, { namespace }) {
    if (asked.length === 0) {
      return [
        warn(
          `no pod of ${RELEASE} in namespace ${namespace}`,
          'name the namespace of the release with --namespace; one that runs elsewhere is not seen here',
        ),
      ];
    }
    return asked.flatMap((replica) => judged(replica, namespace));
  },
};

async function readyz({ client, namespace }: Surroundings, pod: string): Promise<Replica['checks']> {
  const place = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  try {
    const answer = await client.get(`${place}/http:${encodeURIComponent(pod)}:${PORT}/proxy/readyz`, {
      accept: 'application/json',
      timeoutSeconds: 10,
      taken: [503],
    });
    const { checks, message } = objectOf(answer);
    if (!Array.isArray(checks)) return textOf(message) ?? 'it answers with something unexpected';
    return checks.filter(isObject).map((check) => ({
      name: textOf(check['name']) ?? '',
      ok: check['ok'] === true,
      detail: textOf(check['detail']) ?? '',
    }));
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return refusalOf(error)?.code === 403 ? 'may not get pods/proxy' : error.message;
  }
}

function judged({ name, phase, checks }: Replica, namespace: string): readonly Finding[] {
  const look = `kubectl logs -n ${namespace} ${name}`;
  if (phase !== 'Running') {
    return [fail(`pod ${name} is ${phase || 'not running'}`, `kubectl describe pod -n ${namespace} ${name}`)];
  }
  if (typeof checks === 'string') {
    return [
      unseen(
        `pod ${name}: its /readyz was not seen: ${checks}`,
        `kubectl port-forward -n ${namespace} ${name} ${PORT} and curl localhost:${PORT}/readyz?verbose`,
      ),
    ];
  }
  const details = checks.map((check) => `${check.name}: ${check.detail}`).join('; ');
  return [
    checks.every((check) => check.ok)
      ? ok(`pod ${name} is ready; ${details}`)
      : fail(`pod ${name} is not ready; ${details}`, look),
  ];
}
