import type { Revoker } from '../admit/ports.ts';
import { CountersignError } from '../core/errors.ts';
import { isSealed } from '../core/inject/seal.ts';
import type { InjectionSettings } from '../core/inject/settings.ts';
import { backoffMs } from '../kube/backoff.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import type { GivenToken } from './given-token.ts';

/** With what the token of a pod is revoked. */
export interface Revoking {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly settings: InjectionSettings;
  readonly revoker: Revoker;
  readonly log: AlarmLog;
}

type Fields = Readonly<Record<string, string | number>>;

export interface AlarmLog {
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
}

export function fieldsOf({ vault, pod: { namespace, name, account } }: GivenToken): Fields {
  return { vault, namespace, pod: name, account: account.name };
}

/** Only Countersign's own annotation says whose token is revoked. */
export function isOurs({ pod }: GivenToken, object: unknown, settings: InjectionSettings): boolean {
  const { namespace, account } = pod;
  return isSealed({ namespace, account: account.name, pod: object }, settings);
}

const TRY_MS = 5000;

/** Until it is done, or Vault refuses it: whoever has the token renews it for as long as its role lets them. */
export async function revoke(
  { revoker, clock, random, log }: Revoking,
  { vault, accessor }: GivenToken,
  fields: Fields,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    const late = new AbortController();
    const cancel = clock.after(TRY_MS, () => late.abort());
    try {
      await revoker.revoke(vault, accessor, AbortSignal.any([signal, late.signal]));
      log.info('revoked the token of a pod', fields);
      return;
    } catch (error) {
      const known = error instanceof CountersignError;
      const failure = known ? error.message : 'no answer in time';
      log.warn('the token of a pod is not revoked yet', { ...fields, failure, failures });
      if (known && !error.retryable && error.code === 'ERR_CONFIG') return;
    } finally {
      cancel();
    }
    await sleep(clock, backoffMs(failures, random()), signal);
  }
}
