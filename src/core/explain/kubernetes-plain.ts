/** What kube-apiserver says of tokens, and of what is not there: briefly, and sometimes on purpose. */
import { always, type Recogniser } from './recogniser.ts';

const source = 'kube-apiserver';

const ACCOUNT_GONE =
  /serviceaccounts "[^"\n]{1,253}" not found|service account [^\n]{1,300} has been deleted|service account UID \([^)\n]{0,80}\) does not match claim/;

/** Tried after those that say more. */
export const KUBERNETES_PLAIN: readonly Recogniser[] = [
  {
    name: 'token-audience',
    literals: ['is invalid for the target audiences'],
    pattern:
      /token audiences \[(?<have>[^\]\n]{0,500})\] is invalid for the target audiences \[(?<want>[^\]\n]{0,500})\]/,
    read: ({ have = '', want = '' }) => ({
      source,
      status: 401,
      cause: 'WrongAudience',
      fix: [`ask for a token for ${wordsOf(want)}: this one is for ${wordsOf(have)}`],
    }),
  },
  always('account-gone', ['invalid bearer token'], ACCOUNT_GONE, {
    source,
    status: 401,
    cause: 'AccountGone',
    fix: ['make the service account, or mount a fresh token: the pod has to be created again'],
  }),
  always(
    'token-expired',
    ['token has expired', 'token is expired'],
    /invalid bearer token[^\n]{0,200}expired/,
    {
      source,
      status: 401,
      cause: 'TokenExpired',
      fix: ['ask for a new token; in a pod read the projected file anew before every use'],
    },
  ),
  always(
    'token-signature',
    ['invalid bearer token'],
    /invalid bearer token[^\n]{0,200}(?:cryptographic primitive|signature)/,
    {
      source,
      status: 401,
      cause: 'WrongSignature',
      fix: ['ask for a new token at the same cluster that checks it'],
    },
  ),
  always('token-nonsense', ['invalid bearer token'], /invalid bearer token/, {
    source,
    status: 401,
    cause: 'TokenNotBelieved',
    fix: ['log in again; look whether the token is whole and of this cluster'],
  }),
  always(
    'unauthorized',
    [
      'you must be logged in to the server',
      '"reason":"unauthorized"',
      'the server has asked for the client to provide credentials',
    ],
    /You must be logged in to the server|"reason":\s{0,4}"Unauthorized"|has asked for the client to provide credentials/,
    {
      source,
      status: 401,
      cause: 'NoIdentity',
      fix: [
        'log in again: the token or certificate is absent, has expired, or is for another cluster or audience',
        'countersign explain TOKEN says what a token itself tells',
      ],
    },
  ),
  always(
    'no-kind',
    ["doesn't have a resource type", 'could not find the requested resource', 'no matches for kind'],
    /doesn't have a resource type|could not find the requested resource|no matches for kind/,
    { source, status: 404, cause: 'NoSuchApi', fix: ['install the CRD, or correct group, version or kind'] },
  ),
  {
    name: 'not-found',
    literals: [' not found'],
    pattern: new RegExp(`(?<kind>(?<![a-z0-9.])[a-z][a-z0-9.]{0,200}) (?<name>"[^"\\s]{1,253}") not found`),
    read: ({ kind = '', name = '' }) => ({
      source,
      status: 404,
      cause: 'NotFound',
      fix: [`make ${kind} ${name}, or correct its name, namespace or cluster`],
    }),
  },
];

function wordsOf(list: string): string {
  return list
    .replaceAll('"', '')
    .split(/[ ,]{1,4}/)
    .join(', ');
}
