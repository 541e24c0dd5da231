/**
 * Log in, fetch every credential, put all files in place as one set, leave the state for the next run. Until
 * that has happened once it is given up after minutes; later, when only Vault is away, the files of the
 * earlier run stay and do.
 */
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { VAULT_TOKEN_FILE } from '../core/inject/names.ts';
import type { VaultClient } from '../vault/client.ts';
import { type Fetched, fetchCredential } from './credential.ts';
import { type Attempt, sentence } from './failure.ts';
import { isInPlace, writeSet } from './files.ts';
import type { AgentHost } from './host.ts';
import type { Log } from './log.ts';
import { type Patience, persist } from './persist.ts';
import { render } from './render.ts';
import { checked, isFresh, logIn } from './session.ts';
import { type AgentState, type Leased, loadState, type Session, saveState } from './state.ts';

export interface Run {
  readonly host: AgentHost;
  readonly log: Log;
  readonly vault: VaultClient;
  readonly config: AgentConfig;
  /** Of the configuration's text. */
  readonly digest: string;
  readonly giveUpSeconds: number;
}

type Fetching = ReadonlyMap<string, Fetched>;

const refusalSeconds = 20;
/** With good files in place, a pod need not wait for Vault. */
const inPlacePatienceSeconds = 15;
const revokeMilliseconds = 1_500;

/** Fails, as an exception, with ERR_AGENT_FILES. */
export async function provide(run: Run): Promise<Attempt<void>> {
  const { host, log, config, giveUpSeconds } = run;
  const state = await resume(run);
  const names = [...config.files.map(({ file }) => file), ...(config.token ? [VAULT_TOKEN_FILE] : [])];
  const inPlace = state.set !== undefined && (await isInPlace(host.places.filesDir, state.set, names));
  const seconds = inPlace ? Math.min(giveUpSeconds, inPlacePatienceSeconds) : giveUpSeconds;
  const result = await renew(run, state, {
    untilMilliseconds: host.now() + seconds * 1000,
    refusalSeconds: Math.min(giveUpSeconds, refusalSeconds),
  });
  if ('value' in result || !inPlace) return result;
  if (result.failures.some((failure) => failure.kind !== 'unreachable')) return result;
  log.warn('vault is away: the files of an earlier run stay', { cause: sentence(result.failures) });
  return { value: undefined };
}

/**
 * What an earlier run left and Vault still honours. Leases end with the token that they were taken out with.
 */
async function resume({ host, log, vault, digest }: Run): Promise<AgentState> {
  const state = await loadState(host.places.stateDir, digest);
  const afresh: AgentState = { digest, session: undefined, leased: [], set: state?.set };
  if (state?.session === undefined) return afresh;
  const session = await checked(host, vault, state.session);
  if (session === 'gone') {
    log.info('the token of an earlier run has ended');
    return afresh;
  }
  const leased = state.leased.filter(({ lease }) => isFresh(host, lease.expiresAt));
  log.info('going on with the token of an earlier run', { leases: leased.length });
  return { ...state, session, leased };
}

async function renew(run: Run, before: AgentState, patience: Patience): Promise<Attempt<void>> {
  const { host, log, config } = run;
  const login = await sessionFor(run, before, patience);
  if ('failures' in login) return login;
  const session = login.value;

  const fetched = await fetchAll(run, { ...before, session }, session, patience);
  if ('failures' in fetched) {
    // A policy added to the role counts from the next login on: a token kept now would never see it.
    if (fetched.failures.some(({ kind }) => kind === 'credential')) await discard(run, before, session);
    return fetched;
  }

  const rendered = render(config.files, new Map([...fetched.value].map(([name, { data }]) => [name, data])));
  if ('failures' in rendered) return rendered;
  const files = new Map(rendered.value);
  if (config.token) files.set(VAULT_TOKEN_FILE, session.token);
  const set = await writeSet(host.places.filesDir, files, host.now());
  await saveState(host.places.stateDir, { ...before, session, leased: leasedIn(fetched.value), set });
  log.info('files are in place', { files: files.size, set });
  return { value: undefined };
}

async function sessionFor(run: Run, state: AgentState, patience: Patience): Promise<Attempt<Session>> {
  const { host, log, vault, config } = run;
  if (state.session !== undefined) return { value: state.session };
  const login = await persist(host, log, patience, () => logIn(host, vault, config));
  if ('failures' in login) return login;
  // At once: a container that fails behind this point is restarted, and should not log in each time.
  await saveState(host.places.stateDir, { ...state, session: login.value });
  log.info('logged in', { role: config.vault.role, mount: config.vault.authMount });
  return login;
}

/** Every round asks for what is still lacking, and what it got is kept whatever becomes of the rest. */
async function fetchAll(
  run: Run,
  state: AgentState,
  session: Session,
  patience: Patience,
): Promise<Attempt<Fetching>> {
  const { host, log, vault, config } = run;
  const fetched = new Map<string, Fetched>(state.leased.map((leased) => [leased.name, leased]));
  return persist(host, log, patience, async () => {
    const lacking = config.credentials.filter(({ name }) => !fetched.has(name));
    const results = await Promise.all(
      lacking.map((credential) => fetchCredential(host, vault, credential, session.token)),
    );
    for (const result of results) if ('value' in result) fetched.set(result.value.name, result.value);
    await saveState(host.places.stateDir, { ...state, leased: leasedIn(fetched) });
    const failures = results.flatMap((result) => ('failures' in result ? result.failures : []));
    return failures.length > 0 ? { failures } : { value: fetched };
  });
}

function leasedIn(fetched: Fetching): readonly Leased[] {
  return [...fetched.values()].flatMap(({ lease, ...rest }) =>
    lease === undefined ? [] : [{ ...rest, lease }],
  );
}

async function discard({ host, vault }: Run, state: AgentState, session: Session): Promise<void> {
  await saveState(host.places.stateDir, { ...state, session: undefined, leased: [] });
  const signal = AbortSignal.any([host.signal, AbortSignal.timeout(revokeMilliseconds)]);
  // It would end by itself; a token that nobody has should end now.
  await vault.revokeSelf(session.token, signal).catch(() => undefined);
}
