/**
 * The token that waits in Vault under a wrapping token: taken once, and only if it is the one that was meant. That the
 * wrapping token is spent before its time, and not by us, is an alarm.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentIssuance } from '../core/inject/agent-config.ts';
import { type Alarm, alarmLine, isAlarm } from '../core/inject/alarms.ts';
import { INJECT } from '../core/inject/annotations.ts';
import { WRAPPING_VARIABLE } from '../core/inject/names.ts';
import { shown } from '../core/text.ts';
import type { VaultLogin } from '../vault/secret.ts';
import type { Run } from './context.ts';
import { type Attempt, type Failure, failureOf, final } from './failure.ts';
import { unwritable } from './files.ts';
import type { Session } from './session.ts';
import { secondsNow, termOf } from './term.ts';

/** Clocks of nodes and Vault differ a little: what looks spent so shortly before its end has ended. */
const skewSeconds = 5;
/** Asked for at the first renewal. The token role says how much of it is given. */
export const renewedSeconds = 3600;

/** `spent`: there is no token to be had this way, and nothing wrong with that. */
export async function openWrapped(run: Run, issuance: AgentIssuance): Promise<Attempt<Session> | 'spent'> {
  const { host, log, vault } = run;
  const wrappingToken = host.env[WRAPPING_VARIABLE];
  const mark = await readMark(host.places.stateDir);
  if (mark !== undefined && mark !== tried) return alarm(mark);
  if (wrappingToken === undefined) return 'spent';
  // Ours, if we have tried before: the answer may have been lost on the way.
  const spent = (): Promise<Attempt<Session>> | 'spent' => {
    const early = secondsNow(host) < issuance.expiresAtSeconds - skewSeconds;
    if (mark === undefined && early) return raise(run, 'UnwrappedByAnother');
    log.warn('the wrapping token is of no use any more', { expired: !early });
    return 'spent';
  };
  try {
    const path = await vault.creationPathOf(wrappingToken, host.signal);
    if (path === undefined) return await spent();
    if (path !== issuance.creationPath) {
      log.warn('the wrapping token was made elsewhere', { path: shown(path, 200) });
      return await raise(run, 'CreatedElsewhere');
    }
    await writeMark(host.places.stateDir, tried);
    const login = await vault.unwrap(wrappingToken, host.signal);
    if (login === undefined) return await spent();
    log.info('unwrapped a token', { path });
    return { value: await renewedAtOnce(run, login) };
  } catch (error) {
    return { failures: [failureOf(error, INJECT, 'login')] };
  }
}

/** It was made to end soon, should nobody come for it. Where it can't be renewed, it does what it can until then. */
async function renewedAtOnce({ host, log, vault }: Run, login: VaultLogin): Promise<Session> {
  const { token, accessor } = login;
  let { ttlSeconds, renewable } = login;
  if (renewable) {
    try {
      ({ ttlSeconds, renewable } = await vault.renewSelf(token, host.signal, renewedSeconds));
    } catch (error) {
      const { cause } = failureOf(error, INJECT, 'login');
      log.warn('the token is not renewed', { cause, seconds: ttlSeconds });
    }
  }
  return { token, accessor, renewable, wrapped: true, seconds: ttlSeconds, ...termOf(host, ttlSeconds) };
}

/** Remembered, so that a container that is started again does not go on as if nothing had been. */
async function raise({ host }: Run, word: Alarm): Promise<Attempt<Session>> {
  await writeMark(host.places.stateDir, word);
  return alarm(word);
}

function alarm(word: Alarm): { readonly failures: readonly Failure[] } {
  return { failures: [final('alarm', INJECT, alarmLine(word))] };
}

/** Before the wrapping token is used: whatever comes of it, it is not somebody else's doing any more. */
const tried = 'tried';
type Mark = typeof tried | Alarm;
const fileName = 'wrapped';

async function readMark(dir: string): Promise<Mark | undefined> {
  try {
    const text = await readFile(join(dir, fileName), 'utf8');
    return isAlarm(text) ? text : tried;
  } catch {
    return undefined;
  }
}

/** Fails with ERR_AGENT_FILES. */
async function writeMark(dir: string, mark: Mark): Promise<void> {
  const path = join(dir, fileName);
  try {
    await writeFile(`${path}.new`, mark, { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch (error) {
    throw unwritable(dir, error);
  }
}
