import { NEEDS } from '../core/admission/declaration.ts';
import { objectOf, textMapOf } from '../core/json.ts';
import { parseScopes } from '../core/scope/parse.ts';
import { printScope } from '../core/scope/print.ts';
import { resolveScopes } from '../core/scope/resolve.ts';
import { createResources } from '../core/scope/resources.ts';
import type { KubernetesScope } from '../core/scope/scope.ts';
import { createLiveTruth } from '../facts/cluster/live.ts';
import { unless } from '../kube/refusal.ts';
import { type Check, fail, ok, RELEASE, unseen } from './check.ts';

interface Asked {
  /** What the account declares that it needs; `undefined`: there is no such account, or it declares nothing. */
  readonly needs: string | undefined;
  readonly answers: readonly {
    readonly scope: KubernetesScope;
    /** `undefined`: nobody could say. */
    readonly allowed: boolean | undefined;
  }[];
}

const ASK_MS = 20_000;
const APPLY = 'apply the roles of the release again: helm upgrade, or kubectl apply -f manifests/rbac.yaml';

/** Does our own account hold everything that it declares? What it needs is written on it by whoever ships it. */
export const rights: Check<Asked> = {
  name: 'rbac',
  async ask({ client, namespace }) {
    const account = { namespace, name: RELEASE };
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${RELEASE}`;
    const { annotations } = objectOf(objectOf(await unless([404], client.get(path)))['metadata']);
    const needs = textMapOf(annotations)[NEEDS];
    const live = createLiveTruth(client);
    const signal = AbortSignal.timeout(ASK_MS);
    const answers: { scope: KubernetesScope; allowed: boolean | undefined }[] = [];
    // One after the other in groups: the API server counts what one client asks at once.
    const scopes = single(needs ?? '', namespace);
    for (let at = 0; at < scopes.length; at += AT_ONCE) {
      answers.push(...(await Promise.all(scopes.slice(at, at + AT_ONCE).map(ask))));
    }
    return { needs, answers };

    async function ask(scope: KubernetesScope) {
      return { scope, allowed: await live.allows(account, scope, signal) };
    }
  },
  judge({ needs, answers }, { namespace }) {
    const whose = `serviceaccount ${namespace}/${RELEASE}`;
    if (needs === undefined) return [fail(`${whose} is missing, or does not declare what it needs`, APPLY)];
    const denied = answers.filter(({ allowed }) => allowed === false);
    const unknown = answers.filter(({ allowed }) => allowed === undefined);
    return [
      ...denied.map(({ scope }) => fail(`${whose} may not ${printScope(scope)}`, APPLY)),
      ...(unknown.length > 0
        ? [
            unseen(
              `${unknown.length} of ${answers.length} rights of ${whose} were not looked at: no answer, or no right to create subjectaccessreviews`,
              `kubectl auth can-i --list --as=system:serviceaccount:${namespace}:${RELEASE}`,
            ),
          ]
        : []),
      ...(denied.length + unknown.length === 0 ? [ok(`${whose} holds all ${answers.length} rights`)] : []),
    ];
  },
};

const AT_ONCE = 8;

/** Each with one verb and at most one name, as the API server is asked. */
function single(needs: string, namespace: string): readonly KubernetesScope[] {
  const { scopes } = resolveScopes(parseScopes(needs).scopes, namespace, createResources());
  return scopes.flatMap((scope): readonly KubernetesScope[] => {
    if (scope.kind === 'vault') return [];
    if (scope.kind === 'url') return scope.verbs.map((verb) => ({ ...scope, verbs: [verb] }));
    const names = scope.names.length === 0 ? [[]] : scope.names.map((name) => [name]);
    return scope.verbs.flatMap((verb) => names.map((one) => ({ ...scope, verbs: [verb], names: one })));
  });
}
