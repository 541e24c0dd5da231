import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';
import type { KubeClient } from '../kube/client.ts';
import { listPages } from '../kube/list.ts';
import { refusalOf } from '../kube/refusal.ts';
import { API_VERSION, KINDS } from './read-objects.ts';

/** Where objects of our kinds are, and what it means when the API server does not give them. */

export type DeskKind = keyof typeof KINDS;

export function pathOf(kind: DeskKind, namespace?: string, name?: string): string {
  const place = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `/apis/${API_VERSION}/${place}${KINDS[kind].plural}${one}`;
}

/** Everything of a kind in the namespace; without one, in the whole cluster. */
export async function listAll(
  client: KubeClient,
  kind: DeskKind,
  namespace: string | undefined,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  for await (const page of listPages(client, pathOf(kind, namespace), { query })) items.push(...page.items);
  return items;
}

/** Who may not look at the whole cluster looks at one namespace: the one that kubectl would use. */
export async function orInNamespace<T>(
  namespace: string | undefined,
  fallback: string,
  ask: (namespace: string | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await ask(namespace);
  } catch (error) {
    if (namespace !== undefined || refusalOf(error)?.code !== 403) throw error;
    return ask(fallback);
  }
}

/** In the words of the API server, and then what to do. */
export async function advised<T>(kind: DeskKind, verb: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const advice = adviceFor(kind, verb, refusalOf(error)?.code, error);
    if (advice === undefined || !(error instanceof CountersignError)) throw error;
    const { code, cause, retryable } = error;
    throw new CountersignError(code, `${error.message}\nnext: ${advice}`, { cause, retryable });
  }
}

function adviceFor(
  kind: DeskKind,
  verb: string,
  code: number | undefined,
  error: unknown,
): string | undefined {
  const resource = `${KINDS[kind].plural}.countersign.dev`;
  switch (code) {
    case 401:
      return 'log in again: the API server does not know who you are';
    case 403: {
      if (/ValidatingAdmissionPolicy/u.test(String(error))) return undefined;
      const role =
        kind === 'decision' && verb === 'create' ? 'countersign-approver' : 'countersign-requester';
      return `ask for ClusterRole ${role} in the namespace (${verb} ${resource}), or name one where you have it with -n`;
    }
    case 404:
      return verb === 'list'
        ? `the cluster has no ${shown(resource)}: kubectl apply -f manifests/crds, or look whether the context is the right one`
        : undefined;
    default:
      return undefined;
  }
}
