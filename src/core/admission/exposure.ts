import { isObject, listOf, objectOf, textOf } from '../json.ts';
import type { Workload } from './workload.ts';

/** How a pod could come to hold a token for the Kubernetes API. */
export interface TokenFacts {
  /** `automountServiceAccountToken` of the account. */
  readonly automount: boolean | undefined;
  /** `secrets[].name` of the account. */
  readonly secrets: readonly string[];
}

/** Audiences of the API server's own tokens when nothing else is known. */
const API_AUDIENCES: readonly string[] = [
  '',
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc.cluster.local',
];

/**
 * No automounted token, no projected token with an API audience, no Secret that could be a legacy token: what the
 * account holds is out of the pod's reach as it stands. Secrets are judged by name, so that none has to be read.
 */
export function isLatent(workload: Workload, account: TokenFacts | undefined): boolean {
  const spec = objectOf(workload.template['spec']);
  const automount = spec['automountServiceAccountToken'] ?? account?.automount;
  if (automount !== false) return false;
  const legacy = (name: string) =>
    name.startsWith(`${workload.account.name}-token-`) || (account?.secrets.includes(name) ?? false);
  return !listOf(spec['volumes']).some((volume) => exposes(objectOf(volume), legacy));
}

function exposes(volume: Readonly<Record<string, unknown>>, legacy: (name: string) => boolean): boolean {
  const secret = textOf(objectOf(volume['secret'])['secretName']);
  if (secret !== undefined && legacy(secret)) return true;
  return listOf(objectOf(volume['projected'])['sources'])
    .map(objectOf)
    .some((source) => {
      const token = source['serviceAccountToken'];
      if (isObject(token) && API_AUDIENCES.includes(textOf(token['audience']) ?? '')) return true;
      const projected = textOf(objectOf(source['secret'])['name']);
      return projected !== undefined && legacy(projected);
    });
}
