/** Everything that a configuration asks of Vault, got once: a session, the credentials, the signed tokens. */
import { type Change, orphaned, withCredential, withIdentity } from './change.ts';
import type { Run } from './context.ts';
import { fetchCredential } from './credential.ts';
import type { Attempt } from './failure.ts';
import { issueIdentity } from './identity.ts';
import { type Patience, persist } from './persist.ts';
import { checked, logIn, mayLogIn, type Session } from './session.ts';
import { type AgentState, saveState } from './state.ts';
import { isFresh, secondsNow, type Term } from './term.ts';
import { openWrapped } from './wrapped.ts';

const revokeMilliseconds = 1_500;
/** A thousand pods may start at the same moment. */
const spreadMilliseconds = 500;

/** The state with all of it, saved as it grows. Fails, as an exception, with ERR_AGENT_FILES. */
export async function obtain(
  run: Run,
  earlier: AgentState,
  patience: Patience,
): Promise<Attempt<AgentState>> {
  const login = await sessionFor(run, earlier, patience);
  if ('failures' in login) return login;
  const state = login.value;
  const fetched = await fetchAll(run, state, patience);
  const refused = 'failures' in fetched && fetched.failures.some(({ kind }) => kind === 'credential');
  if (refused && mayLogIn(run.config)) {
    // A policy added to the role counts from the next login on: a token kept now would never see it.
    await discard(run, state);
  }
  return fetched;
}

/**
 * The session that an earlier run left and Vault still honours, else a new one. Leases end with the token that
 * they were taken out with.
 */
async function sessionFor(run: Run, earlier: AgentState, patience: Patience): Promise<Attempt<AgentState>> {
  const { host, log, vault, config } = run;
  if (earlier.session === undefined) {
    await host.sleep(Math.round(host.random() * spreadMilliseconds));
  } else {
    const session = await checked(host, vault, earlier.session);
    if (session !== 'gone') {
      log.info('going on with the token of an earlier run');
      return { value: { ...earlier, session } };
    }
    log.info('the token of an earlier run has ended');
  }
  const login = await persist(host, log, patience, () => openSession(run));
  if ('failures' in login) return login;
  const state = { ...orphaned(earlier), session: login.value };
  // At once: a container that fails behind this point is restarted, and should not log in each time.
  await saveState(host.places.stateDir, state);
  if (login.value.wrapped !== true) {
    log.info('logged in', { role: config.vault.role, mount: config.vault.authMount });
  }
  return { value: state };
}

/** The token that the pod was given, while it is to be had; else a login. */
async function openSession(run: Run): Promise<Attempt<Session>> {
  const { issuance } = run.config;
  const opened = issuance === undefined ? 'spent' : await openWrapped(run, issuance);
  return opened === 'spent' ? logIn(run.host, run.vault, run.config) : opened;
}

/**
 * Everything that costs nothing to ask for again is asked for; leases and signed tokens that last stay. Every
 * round asks for what is still lacking, and what it got is kept whatever becomes of the rest.
 */
async function fetchAll(run: Run, initial: AgentState, patience: Patience): Promise<Attempt<AgentState>> {
  const { host, log } = run;
  const wanted = wantedOf(run, initial.session?.token ?? '');
  let state = initial;
  const got = new Set(lasting(run, initial));
  return persist(host, log, patience, async () => {
    const results = await Promise.all(
      wanted.filter(({ key }) => !got.has(key)).map(async (one) => ({ key: one.key, ...(await one.get()) })),
    );
    for (const result of results) {
      if ('failures' in result) continue;
      got.add(result.key);
      state = result.value(state);
    }
    await saveState(host.places.stateDir, state);
    const failures = results.flatMap((result) => ('failures' in result ? result.failures : []));
    return failures.length > 0 ? { failures } : { value: state };
  });
}

interface Wanted {
  readonly key: string;
  get(): Promise<Attempt<Change>>;
}

function wantedOf({ host, vault, config }: Run, token: string): readonly Wanted[] {
  return [
    ...config.credentials.map((credential) => ({
      key: `credential ${credential.name}`,
      get: async () => changing(await fetchCredential(host, vault, credential, token), withCredential),
    })),
    ...config.identities.map((identity) => ({
      key: `identity ${identity.file}`,
      get: async () => changing(await issueIdentity(host, vault, identity, token), withIdentity),
    })),
  ];
}

function changing<T>(got: Attempt<T>, change: (value: T) => Change): Attempt<Change> {
  return 'failures' in got ? got : { value: change(got.value) };
}

/** Leases, certificates and signed tokens that an earlier run got, and that a container can start with. */
function lasting({ host }: Run, { credentials, identities }: AgentState): readonly string[] {
  const now = secondsNow(host);
  const isEarly = ({ expiresAt, dueAt }: Term) =>
    expiresAt !== undefined && dueAt !== undefined && dueAt > now;
  return [
    ...credentials
      .filter((one) => (one.lease === undefined ? isEarly(one) : isFresh(host, one, one.lease.seconds)))
      .map(({ name }) => `credential ${name}`),
    ...identities.filter(isEarly).map(({ file }) => `identity ${file}`),
  ];
}

async function discard({ host, vault }: Run, state: AgentState): Promise<void> {
  const { session } = state;
  if (session === undefined) return;
  await saveState(host.places.stateDir, { ...orphaned(state), session: undefined });
  const signal = AbortSignal.any([host.signal, AbortSignal.timeout(revokeMilliseconds)]);
  // It would end by itself; a token that nobody has should end now.
  await vault.revokeSelf(session.token, signal).catch(() => undefined);
}
