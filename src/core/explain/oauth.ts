/** OAuth 2: challenges of resource servers (RFC 6750, 9449, 9470, 9728) and errors of the token endpoint (RFC 6749). */
import type { Cause } from './causes.ts';
import { challengesIn } from './challenge.ts';
import type { Reading, Source, Status } from './explanation.ts';
import type { Groups, Recogniser, Surroundings } from './recogniser.ts';

const source: Source = 'oauth';

interface Meaning {
  readonly status: Status;
  readonly cause: Cause;
  readonly fix: string;
}

/** By the error code, which is the same in challenges and in bodies. */
const ERRORS: Readonly<Partial<Record<string, Meaning>>> = {
  invalid_request: {
    status: 400,
    cause: 'InvalidRequest',
    fix: 'correct the request: a parameter is missing, repeated or malformed',
  },
  invalid_token: { status: 401, cause: 'TokenNotBelieved', fix: 'get a new access token' },
  insufficient_scope: {
    status: 403,
    cause: 'InsufficientScope',
    fix: 'ask for a token with the scope that is named',
  },
  insufficient_user_authentication: {
    status: 401,
    cause: 'StepUp',
    fix: 'send the person through a new login',
  },
  invalid_dpop_proof: {
    status: 401,
    cause: 'DpopProof',
    fix: 'make a new proof for each request: method, URL, time and hash of the token have to fit',
  },
  use_dpop_nonce: {
    status: 401,
    cause: 'DpopProof',
    fix: 'send the nonce of the header DPoP-Nonce in the proof, and try again',
  },
  invalid_client: { status: 401, cause: 'ClientRefused', fix: 'correct client id, secret or assertion' },
  invalid_grant: {
    status: 400,
    cause: 'ClientRefused',
    fix: 'get a new code or refresh token: this one was used, has expired, or is for another client or redirect',
  },
  unauthorized_client: { status: 400, cause: 'ClientRefused', fix: 'allow the client that grant type' },
  unsupported_grant_type: {
    status: 400,
    cause: 'ClientRefused',
    fix: 'use a grant type that the server knows',
  },
  invalid_scope: {
    status: 400,
    cause: 'InsufficientScope',
    fix: 'ask only for scopes that the server knows and the client may have',
  },
  invalid_target: {
    status: 400,
    cause: 'WrongAudience',
    fix: 'ask for a resource (RFC 8707) that the server knows',
  },
  access_denied: {
    status: 403,
    cause: 'ClientRefused',
    fix: 'ask the person or the administrator who refused it',
  },
};

const CODES = Object.keys(ERRORS).join('|');

export const OAUTH: readonly Recogniser[] = [
  {
    name: 'challenge-error',
    literals: ['bearer ', 'dpop '],
    pattern: new RegExp(
      `\\b(?:Bearer|DPoP)\\s[^\\x00]{0,1500}?\\berror\\s{0,4}=\\s{0,4}"?(?<code>${CODES})\\b`,
      'i',
    ),
    read: challenged,
  },
  {
    name: 'error-body',
    literals: ['"error"'],
    pattern: new RegExp(`"error"\\s{0,8}:\\s{0,8}"(?<code>${CODES})"`),
    read: ({ code = '' }, { window }) => meaningOf(code, window, new Map()),
  },
];

/** A challenge without an error says only that a token is wanted. Tried last: curl prints it beside what says more. */
export const OAUTH_PLAIN: readonly Recogniser[] = [
  {
    name: 'challenge',
    literals: ['www-authenticate'],
    pattern: /www-authenticate"?\s{0,4}:\s{0,4}"?(?<scheme>[A-Za-z]{1,20})/i,
    read: (_groups, { window }) => ({
      source,
      status: 401,
      cause: 'NoIdentity',
      fix: ['send an access token', ...metadata(challengesIn(window)[0]?.parameters ?? new Map())],
    }),
  },
];

function challenged({ code = '' }: Groups, { window }: Surroundings): Reading | undefined {
  const all = challengesIn(window);
  const one = all.find(({ parameters }) => parameters.get('error')?.toLowerCase() === code.toLowerCase());
  return meaningOf(code.toLowerCase(), window, one?.parameters ?? new Map());
}

function meaningOf(
  code: string,
  window: string,
  parameters: ReadonlyMap<string, string>,
): Reading | undefined {
  const meaning = ERRORS[code];
  if (meaning === undefined) return undefined;
  const described =
    parameters.get('error_description') ??
    /"error_description"\s{0,8}:\s{0,8}"(?<text>[^"\n]{1,500})"/.exec(window)?.groups?.['text'];
  const scopes = (parameters.get('scope') ?? '').split(/\s{1,40}/).filter(Boolean);
  const levels = parameters.get('acr_values');
  const age = parameters.get('max_age');
  return {
    source,
    status: meaning.status,
    cause: closer(meaning.cause, described),
    oauthScopes: scopes,
    fix: [
      scopes.length > 0 && meaning.cause === 'InsufficientScope'
        ? `ask for a token with the scope ${scopes.join(' ')}`
        : meaning.fix,
      ...(levels === undefined ? [] : [`with acr_values ${levels}`]),
      ...(age === undefined ? [] : [`with a login of at most ${age} s ago (max_age)`]),
      ...metadata(parameters),
    ],
  };
}

/** `invalid_token` is one code for several causes; its description is for people, so only plain words count. */
function closer(cause: Cause, described = ''): Cause {
  if (cause !== 'TokenNotBelieved') return cause;
  if (/\bexpired\b/i.test(described)) return 'TokenExpired';
  if (/\baudience\b/i.test(described)) return 'WrongAudience';
  if (/\bissuer\b/i.test(described)) return 'WrongIssuer';
  if (/\bsignature\b/i.test(described)) return 'WrongSignature';
  return cause;
}

function metadata(parameters: ReadonlyMap<string, string>): readonly string[] {
  const url = parameters.get('resource_metadata');
  return url === undefined ? [] : [`${url} says which authorization server gives such tokens`];
}
