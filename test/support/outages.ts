/** Every way in which a Vault fails a caller, and what the agent says of it. */
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { agentConfig, credential } from './agent.ts';
import { type Asked, answer, type Behaviour, type FakeVault, startFakeVault } from './fake-vault.ts';

export interface Outage {
  /** `Vault …`. */
  readonly name: string;
  readonly behaviour: Behaviour | 'down' | 'redirect';
  /** It is a no, and not silence. */
  readonly refusal: boolean;
  /** `CALL` and `ADDRESS` stand for what is asked, and of whom. */
  readonly cause: string;
}

const silence = { refusal: false };

export const outages: readonly Outage[] = [
  { ...silence, name: 'is down', behaviour: 'down', cause: 'vault at ADDRESS: connect ECONNREFUSED' },
  {
    ...silence,
    name: 'hangs up',
    behaviour: { kind: 'hang-up' },
    cause: 'vault at ADDRESS: socket hang up',
  },
  {
    ...silence,
    name: 'closes in the middle of a body',
    behaviour: { kind: 'cut' },
    cause: 'vault at ADDRESS: aborted',
  },
  {
    ...silence,
    name: 'is sealed',
    behaviour: answer({ errors: ['Vault is sealed'] }, 503),
    cause: 'vault answered 503 to CALL: Vault is sealed',
  },
  {
    ...silence,
    name: 'is busy and asks for a second',
    behaviour: answer({ errors: ['slow down'] }, 429, { 'retry-after': '1' }),
    cause: 'vault answered 429 to CALL: slow down',
  },
  {
    name: 'refuses',
    behaviour: answer({ errors: ['permission denied'] }, 403),
    refusal: true,
    cause: 'vault answered 403 to CALL: permission denied',
  },
  {
    ...silence,
    name: 'redirects to another host',
    behaviour: 'redirect',
    cause: 'vault answered 307 to CALL',
  },
  {
    ...silence,
    name: 'is behind a proxy that does not reach it',
    behaviour: { kind: 'text', status: 502, body: '<html>bad gateway' },
    cause: 'vault answered 502 to CALL',
  },
  {
    ...silence,
    name: 'answers nonsense',
    behaviour: { kind: 'text', status: 200, body: '<html>' },
    cause: 'vault answered to CALL with something that is not JSON',
  },
  {
    ...silence,
    name: 'says nothing',
    behaviour: { kind: 'silence' },
    cause: 'vault at ADDRESS: no answer within 10 s',
  },
  {
    ...silence,
    name: 'never ends its answer',
    behaviour: { kind: 'stall' },
    cause: 'vault at ADDRESS: no answer within 10 s',
  },
];

export interface TroubledVault {
  readonly vault: FakeVault;
  /** Where its redirects point: as good a Vault, but another. */
  readonly elsewhere: FakeVault;
  /** A leased credential, a value that is read again every second, a variable, the token. */
  readonly config: AgentConfig;
  /** It begins; `hits` says what it meets, all of it when absent. */
  begin(outage: Outage, hits?: (asked: Asked) => boolean): Promise<void>;
  mend(): Promise<void>;
  /** Another value where `kv` is read. */
  write(word: string): void;
  /** The tokens that logins got. */
  readonly tokens: readonly string[];
  /** When the first of them ends if nobody renews it, in milliseconds since 1970. */
  firstEndsAt(): number;
  /** What was asked at that path. */
  asked(path: string): readonly Asked[];
  stop(): Promise<void>;
}

/** Nothing of these may be said: tokens, the JWT, values. */
export const secret = /hvs\.|eyJ|value-\d/;

/** What the login of that number gets, counted from 1. */
export function tokenOf(number: number): string {
  return `hvs.token-of-the-workload-0123456789-${number}`;
}

/** The first token and the first lease last `firstSeconds`, later ones an hour; values carry the number of the token. */
export async function startTroubledVault(firstSeconds = 3600): Promise<TroubledVault> {
  const tokens: string[] = [];
  let trouble: { readonly outage: Outage; readonly hits: (asked: Asked) => boolean } | undefined;
  let firstEndsAt = 0;
  let written: string | undefined;
  const seconds = () => (tokens.length === 1 ? firstSeconds : 3600);

  function works({ url, headers }: Asked): Behaviour {
    const path = url.replace('/v1/', '');
    switch (path) {
      case 'auth/kubernetes/login':
        if (tokens.length === 0) firstEndsAt = Date.now() + firstSeconds * 1000;
        tokens.push(tokenOf(tokens.length + 1));
        return answer({ auth: { client_token: tokens.at(-1), lease_duration: seconds(), renewable: true } });
      case 'auth/token/renew-self':
        return answer({ auth: { lease_duration: seconds(), renewable: true } });
      case 'auth/token/lookup-self':
        return answer({ data: { ttl: seconds(), renewable: true } });
      case 'auth/token/revoke-self':
        return answer({}, 204);
      case 'sys/leases/renew':
        return answer({ lease_id: 'a', lease_duration: seconds(), renewable: true });
    }
    const number = tokens.indexOf(String(headers['x-vault-token'])) + 1;
    if (path === 'kv/x') return answer({ data: { word: written ?? `value-${number}` } });
    const data = { word: `value-${number}` };
    return answer({ data, lease_id: `${path}/${number}`, lease_duration: seconds(), renewable: true });
  }

  const elsewhere = await startFakeVault(works);
  const vault = await startFakeVault((asked) => {
    if (trouble === undefined || !trouble.hits(asked)) return works(asked);
    const { behaviour } = trouble.outage;
    if (behaviour === 'down') return { kind: 'hang-up' };
    return behaviour === 'redirect'
      ? answer({}, 307, { location: `${elsewhere.address}${asked.url}` })
      : behaviour;
  });
  const plain = agentConfig();
  return {
    vault,
    elsewhere,
    tokens,
    firstEndsAt: () => firstEndsAt,
    config: agentConfig({
      vault: { ...plain.vault, address: vault.address },
      credentials: [
        credential('db', { path: 'database/creds/x' }),
        credential('kv', { path: 'kv/x', refreshSeconds: 1 }),
      ],
      files: [
        { file: 'db', content: { kind: 'field', credential: 'db', field: 'word' } },
        { file: 'kv', content: { kind: 'field', credential: 'kv', field: 'word' } },
      ],
      env: [{ variable: 'WORD', value: { kind: 'field', credential: 'kv', field: 'word', base64: false } }],
      token: true,
    }),
    asked: (path) => vault.asked.filter(({ url }) => url === `/v1/${path}`),
    async begin(outage, hits = () => true) {
      trouble = { outage, hits };
      if (outage.behaviour === 'down') await vault.stop();
    },
    async mend() {
      if (trouble?.outage.behaviour === 'down') await vault.listen();
      trouble = undefined;
    },
    write(word) {
      written = word;
    },
    async stop() {
      await Promise.all([vault.stop(), elsewhere.stop()]);
    },
  };
}
