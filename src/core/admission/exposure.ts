import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts';

/** How a pod could come to hold a token for the Kubernetes API. */
export interface TokenMounts {
  /** `automountServiceAccountToken` of the pod. */
  readonly automount: boolean | undefined;
  /** A projected token with an API audience, or a Secret that is named like a legacy token of the account. */
  readonly mounted: boolean;
  /** Names of the other Secrets that are mounted; one of them may be a token of the account. */
  readonly secrets: readonly string[];
}

/** What the account has to do with it. */
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

const NONE: readonly string[] = [];

export function tokenMountsOf(podSpec: JsonObject, accountName: string): TokenMounts {
  const automount = podSpec['automountServiceAccountToken'];
  const volumes = listOf(podSpec['volumes']).map(objectOf);
  const sources = volumes.flatMap((volume) => listOf(objectOf(volume['projected'])['sources']).map(objectOf));
  const secrets = [
    ...volumes.map((volume) => textOf(objectOf(volume['secret'])['secretName'])),
    ...sources.map((source) => textOf(objectOf(source['secret'])['name'])),
  ].filter((name) => name !== undefined);
  return {
    automount: typeof automount === 'boolean' ? automount : undefined,
    mounted: sources.some(isApiToken) || secrets.some((name) => name.startsWith(`${accountName}-token-`)),
    secrets: secrets.length === 0 ? NONE : secrets,
  };
}

function isApiToken(source: JsonObject): boolean {
  const token = source['serviceAccountToken'];
  return isObject(token) && API_AUDIENCES.includes(textOf(token['audience']) ?? '');
}

/**
 * No automounted token, no projected token with an API audience, no Secret that could be a legacy token: what the
 * account holds is out of the pod's reach as it stands. Secrets are judged by name, so that none has to be read.
 */
export function isLatent(tokens: TokenMounts, account: TokenFacts | undefined): boolean {
  const automount = tokens.automount ?? account?.automount;
  if (automount !== false || tokens.mounted) return false;
  return !tokens.secrets.some((name) => account?.secrets.includes(name));
}
