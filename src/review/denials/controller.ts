import type { Facts } from '../../admit/ports.ts';
import type { DenialStatus } from '../../api/denial.ts';
import { CountersignError } from '../../core/errors.ts';
import { grantState } from '../../core/verdict/grants.ts';
import { selectPolicy } from '../../core/verdict/select.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Clock, sleep } from '../../kube/clock.ts';
import { unless } from '../../kube/refusal.ts';
import { type DenialBounds, overBounds } from './bounds.ts';
import { timeText } from './change.ts';
import type { DenialIndex } from './denial-index.ts';
import { type DenialEntry, denialKey, denialPath } from './entry.ts';
import { type DenialContext, type DenialTimes, type NamingGrant, nextStep } from './next-state.ts';
import { type Rechecking, recheck, workloadOf } from './recheck.ts';
import type { DenialWriter } from './writer.ts';

/** The leader's part of the life of Denials: what time, grants and people make of them. */
export interface DenialControllerOptions extends Rechecking {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly index: DenialIndex;
  readonly writer: Pick<DenialWriter, 'remove'>;
  readonly settings: DenialBounds & DenialTimes;
  /** Whether somebody waits for the next round; asking takes it back. */
  readonly isWaitedFor: () => boolean;
  readonly onWrite: (write: 'status') => void;
  /** What the API server says when a round was not finished; the next one goes on. */
  readonly onFailure: (message: string) => void;
}

type KeepingOptions = Omit<DenialControllerOptions, 'isWaitedFor'>;

const PERIOD_MS = 5000;
/** People wait no longer. */
const TICK_MS = 1000;
/** Of one round. */
const MAX_WRITES = 50;
const WRITE_SECONDS = 5;

/** Never throws for what the API server does; ends with the signal. */
export async function keepDenials(options: DenialControllerOptions, signal: AbortSignal): Promise<void> {
  const { clock, facts, isWaitedFor } = options;
  /** When the workload of each was last seen to run, by this leader. */
  const ran = new Map<string, number>();
  let dueAt = clock.now();
  while (!signal.aborted) {
    const isDue = isWaitedFor() || clock.now() >= dueAt;
    if (isDue && facts.freshness().synced) {
      dueAt = clock.now() + PERIOD_MS;
      await keepOnce(options, ran, signal);
    }
    await sleep(clock, TICK_MS, signal);
  }
}

export async function keepOnce(
  options: KeepingOptions,
  ran: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const { index, settings, writer } = options;
  const going = overBounds(index, settings);
  let writes = 0;
  try {
    for (const entry of going.slice(0, MAX_WRITES)) {
      await writer.remove(entry, signal);
      writes += 1;
    }
    for (const entry of [...index.all]) {
      if (writes >= MAX_WRITES || signal.aborted) break;
      if (await keep(entry, options, ran, signal)) writes += 1;
    }
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    if (!signal.aborted) options.onFailure(error.message);
  }
  for (const key of ran.keys()) if (index.get(key) === undefined) ran.delete(key);
}

/** @returns whether something was written. */
async function keep(
  entry: DenialEntry,
  options: KeepingOptions,
  ran: Map<string, number>,
  signal: AbortSignal,
): Promise<boolean> {
  const step = nextStep(entry, contextOf(entry, options, ran), options.settings);
  if (step?.kind === 'delete') {
    await options.writer.remove(entry, signal);
    return true;
  }
  const asked = entry.recheck;
  if (step === undefined && asked === undefined) return false;
  const since = timeText(step?.sinceMs ?? options.now().getTime());
  const status: DenialStatus = {
    ...(step && { state: step.state, since, message: step.message }),
    ...(step?.grant !== undefined && { grant: step.grant }),
    ...(asked !== undefined && { recheck: await recheck(entry, asked, options, signal) }),
  };
  await write(entry, status, options, signal);
  return true;
}

function contextOf(
  entry: DenialEntry,
  { facts, now }: KeepingOptions,
  ran: Map<string, number>,
): DenialContext {
  const key = denialKey(entry);
  const nowMs = now().getTime();
  const runs = workloadOf(entry, facts) !== undefined;
  const lastRanMs = runs ? undefined : ran.get(key);
  if (runs) ran.set(key, nowMs);
  else ran.delete(key);
  return { nowMs, account: accountOf(entry, facts), lastRanMs, grants: grantsOf(entry, facts, nowMs) };
}

function accountOf(
  { namespace, account }: DenialEntry,
  facts: Pick<Facts, 'account'>,
): DenialContext['account'] {
  if (account.uid === undefined) return 'same';
  const known = facts.account({ namespace, name: account.name });
  if (known === undefined) return 'gone';
  return known.uid === account.uid ? 'same' : 'another';
}

/** A grant for another account has no say in it, whatever denial it names. */
function grantsOf(
  { namespace, name, account }: DenialEntry,
  facts: Facts,
  nowMs: number,
): readonly NamingGrant[] {
  const who = { namespace, name: account.name };
  const records = facts.grants(who).filter(({ grant }) => grant.decision === name);
  if (records.length === 0) return [];
  const { grants } = selectPolicy(facts.policies(), who, facts.namespace(namespace)?.labels ?? {});
  return records.map((record) => ({
    name: record.grant.name,
    state: grantState(record, nowMs, grants.maxDurationSeconds).state,
    decidedMs: Math.max(0, ...record.decisions.map(({ createdMs }) => createdMs)),
  }));
}

/** On the version that is known: one that changes meanwhile is looked at in the next round. */
async function write(
  entry: DenialEntry,
  status: DenialStatus,
  { client, index, onWrite }: KeepingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { resourceVersion } = entry;
  const call = { timeoutSeconds: WRITE_SECONDS, signal };
  const patched = client.patch(
    `${denialPath(entry)}/status`,
    { metadata: { resourceVersion }, status },
    call,
  );
  const written = await unless([404, 409], patched);
  if (written === undefined) return;
  onWrite('status');
  index.put(written);
}
