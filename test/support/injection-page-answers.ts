/** What Vault answers where docs/injection.md says what the agent then says. */
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { answer, type Behaviour } from './fake-vault.ts';

type Answers = (path: string) => Behaviour;

const login: Behaviour = answer({
  auth: { client_token: 'hvs.token-of-the-cart', lease_duration: 1200, renewable: true },
});
const logsIn =
  (behaviour: Behaviour): Answers =>
  (path) =>
    path.endsWith('/login') ? login : behaviour;
const holding = (data: object) => logsIn(answer({ data: { data, metadata: {} } }));
const refusing = answer({ errors: ['1 error occurred:\n\t* permission denied\n\n'] }, 403);
const deleted = {
  data: null,
  metadata: { version: 3, deletion_time: '2026-01-01T00:00:00Z', destroyed: false },
};

/** By what the table says happened: which pod, and what Vault answers; `undefined`: nothing listens. */
export const answers: Readonly<Record<string, readonly [pod: string, Answers | undefined]>> = {
  'nothing listens there': ['cart-files', undefined],
  sealed: ['cart-files', () => answer({ errors: ['Vault is sealed'] }, 503)],
  'too many requests': ['cart-files', () => answer({ errors: ['rate limit quota exceeded'] }, 429)],
  'the role does not admit the account': [
    'cart-files',
    () => answer({ errors: ['service account name not authorized'] }, 403),
  ],
  'no policy allows the path': ['cart-files', logsIn(refusing)],
  'nothing at the path': ['cart-files', logsIn(answer({ errors: [] }, 404))],
  'a version of KV that was deleted': ['cart-files', logsIn(answer({ data: deleted }, 404))],
  'KV version 1, listed as version 2': ['cart-files', logsIn(answer({ data: { password: 'old-horse' } }))],
  'no such field, for a file': ['cart-files', holding({ user: 'cart', password: 'correct horse' })],
  'no such field, for a variable': ['cart-env', holding({ username: 'cart' })],
  'a quotation mark in a variable': ['cart-env', holding({ username: 'cart', password: "o'clock" })],
  'nothing in a variable': ['cart-env', holding({ username: 'cart', password: '' })],
  'a variable of more than 32 KiB': [
    'cart-env',
    holding({ username: 'cart', password: 'x'.repeat(32 * 1024 + 1) }),
  ],
  'a credential of more than 1 MiB': [
    'cart-env',
    holding({ username: 'x'.repeat(1024 * 1024), password: 'y' }),
  ],
  'files of more than 2 MiB together': [
    'cart-files',
    holding({ username: 'cart', password: 'x'.repeat(900 * 1024) }),
  ],
};

/** The same at OpenBao, for a workload that relies on something else than the role gives. */
export const identities: Readonly<Record<string, Partial<AgentConfig['identities'][number]>>> = {
  'a signed token for somebody else': { audience: 'ledger' },
  'a signed token without the scope': { scopes: ['read', 'admin'] },
};
