import type { Answer } from '../../admit/answer.ts';
import type { Decided } from '../../admit/handler.ts';
import { isKnown } from '../../admit/owners.ts';
import type { Facts } from '../../admit/ports.ts';
import { TEMPLATE_PATHS } from '../../core/admission/workload.ts';
import type { Clock } from '../../kube/clock.ts';
import { refusalOf } from '../../kube/refusal.ts';
import { createDeltas, type DeltaDrop, type DeltaLimits } from '../deltas.ts';
import { admission, type DenialChange, mergeChanges, refusal } from './change.ts';
import type { DenialIndex } from './denial-index.ts';
import { type DenialEntry, denialKey, storedName, subjectKey } from './entry.ts';
import { denialSpec, refusedIn } from './source.ts';
import type { DenialWriter } from './writer.ts';

/** In every replica: what was refused becomes a Denial, and what is admitted after it closes it. Nobody waits for it. */
export interface DenialRecorder {
  /** Never throws and never waits. */
  onDecision(decided: Decided): void;
  /** A denial that this replica has just heard of: it may have been admitted here already. */
  onKnown(entry: DenialEntry): void;
  /** Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface DenialRecorderOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly now: () => Date;
  readonly facts: Pick<Facts, 'account' | 'workload'>;
  readonly index: Pick<DenialIndex, 'get' | 'about'>;
  readonly writer: Pick<DenialWriter, 'write'>;
  readonly limits?: Partial<DeltaLimits>;
  /** Takes out what looks like a credential. */
  readonly scrub: (text: string) => string;
  readonly onDrop: (reason: DeltaDrop, refusals: number) => void;
  /** What the API server says to what it does not take; once until a write succeeds. */
  readonly onRefused: (message: string) => void;
}

/** Of workloads that were admitted lately: another replica’s denial of one of them may not be known here yet. */
const MAX_ADMITTED = 1000;

export function createDenialRecorder(options: DenialRecorderOptions): DenialRecorder {
  const { clock, random, facts, index, writer, scrub, onDrop } = options;
  const admitted = new Map<string, number>();
  let isTold = false;

  const deltas = createDeltas<DenialChange>({
    clock,
    random,
    ...(options.limits && { limits: options.limits }),
    merge: mergeChanges,
    weight: ({ count }) => count,
    async write(key, change, signal) {
      await writer.write(placeOf(key), change, signal);
      isTold = false;
    },
    onDrop(reason, { count }, error) {
      onDrop(reason, count);
      const refused = refusalOf(error);
      if (refused === undefined || isTold) return;
      isTold = true;
      options.onRefused(refused.message);
    },
  });

  function record(decided: Decided): void {
    const refused = refusedIn(decided);
    if (refused === undefined) return;
    const key = denialKey({ namespace: refused.account.namespace, name: refused.decision });
    const spec = deltas.has(key) ? undefined : denialSpec(refused, facts, scrub);
    const requester = storedName(scrub(decided.request.requester.username));
    const change = refusal(spec, requester, options.now().getTime());
    // Whoever was refused asks for it by its id at once.
    deltas.add(key, change, index.get(key) === undefined ? 'urgent' : undefined);
  }

  function admit({ request, answer }: Decided): void {
    const { verdict, moment, account, subject, grants = [] } = answer;
    if (request.dryRun || moment === 'reschedule' || account === undefined || subject === undefined) return;
    if (verdict !== 'allow' && verdict !== 'warn') return;
    // What passes for a time is as it was when that has ended.
    if (grants.length > 0) return;
    if (isForged(answer, account.namespace, facts)) return;
    // `injected` judges at every moment, and says none.
    const judgedAs = moment === undefined ? 'injected' : 'workload';
    const about = subjectKey(account.namespace, subject, account.name, judgedAs);
    admitted.delete(about);
    admitted.set(about, options.now().getTime());
    const [oldest] = admitted.keys();
    if (admitted.size > MAX_ADMITTED && oldest !== undefined) admitted.delete(oldest);
    for (const entry of index.about(about)) close(entry, about);
  }

  function close(entry: DenialEntry, about: string): void {
    const admittedMs = admitted.get(about) ?? 0;
    const isLive = entry.state === 'Open' || entry.state === 'Granted';
    if (isLive && admittedMs > entry.lastSeenMs)
      deltas.add(denialKey(entry), admission(admittedMs), 'urgent');
  }

  return {
    onDecision(decided) {
      if (decided.answer.verdict === 'deny') record(decided);
      else admit(decided);
    },
    onKnown(entry) {
      const { namespace, workload, account, judgedAs } = entry;
      close(entry, subjectKey(namespace, workload, account.name, judgedAs));
    },
    run: (signal) => deltas.run(signal),
  };
}

/** A pod may name any Deployment as what controls it, and would close its denials. */
function isForged({ controller }: Answer, namespace: string, facts: Pick<Facts, 'workload'>): boolean {
  if (controller === undefined || !Object.hasOwn(TEMPLATE_PATHS, controller.kind)) return false;
  return !isKnown(controller, namespace, facts);
}

function placeOf(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
