import type { Decided } from '../../admit/handler.ts';
import { objectOf, textOf } from '../../core/json.ts';
import type { Notice } from '../../core/notice.ts';
import { timeText } from '../../core/time.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import { refusalOf } from '../../kube/refusal.ts';
import { createDeltas, type DeltaDrop, type DeltaLimits } from '../deltas.ts';
import { patchStatus } from '../status-patch.ts';
import { grantNotice } from './announce.ts';
import { grantEntry, pathOf } from './entry.ts';

/**
 * How often each grant let something pass, counted by every replica and added up in its status. Nobody waits for it.
 *
 * Needs `get` on accessgrants and `patch` on their status.
 */
export interface GrantUses {
  /** Never throws and never waits. */
  onDecision(decided: Decided): void;
  /** Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface GrantUsesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly now: () => Date;
  readonly limits?: Partial<DeltaLimits>;
  readonly notify: (notice: Notice) => void;
  readonly onUsed: (uses: number) => void;
  readonly onDrop: (reason: DeltaDrop, uses: number) => void;
  /** What the API server says to what it does not take; once until a write succeeds. */
  readonly onRefused: (message: string) => void;
}

interface Uses {
  readonly count: number;
  readonly lastMs: number;
}

const WRITE_SECONDS = 5;

export function createGrantUses(options: GrantUsesOptions): GrantUses {
  const { client, clock, random, now, notify, onUsed, onDrop } = options;
  let isTold = false;

  const deltas = createDeltas<Uses>({
    clock,
    random,
    ...(options.limits && { limits: options.limits }),
    merge: (older, newer) => ({
      count: older.count + newer.count,
      lastMs: Math.max(older.lastMs, newer.lastMs),
    }),
    weight: ({ count }) => count,
    async write(key, uses, signal) {
      await write(key, uses, signal);
      isTold = false;
    },
    onDrop(reason, { count }, error) {
      onDrop(reason, count);
      const refused = refusalOf(error);
      // A grant that is gone is no trouble.
      if (refused === undefined || refused.code === 404 || isTold) return;
      isTold = true;
      options.onRefused(refused.message);
    },
  });

  async function write(key: string, uses: Uses, signal: AbortSignal): Promise<void> {
    const [namespace = '', name = ''] = key.split('/', 2);
    let isFirst = false;
    const written = await patchStatus(
      client,
      pathOf('accessgrants', { namespace, name }),
      (object) => {
        const status = objectOf(object['status']);
        isFirst = usesIn(status['uses']) === 0;
        return {
          uses: usesIn(status['uses']) + uses.count,
          lastUsed: latest(textOf(status['lastUsed']), uses.lastMs),
        };
      },
      { timeoutSeconds: WRITE_SECONDS, signal },
    );
    const entry = isFirst ? grantEntry(written) : undefined;
    if (entry !== undefined) notify(usedNotice(entry));
  }

  return {
    onDecision({ request, answer }) {
      const { verdict, grants = [] } = answer;
      if (request.dryRun || (verdict !== 'allow' && verdict !== 'warn')) return;
      for (const key of grants) {
        onUsed(1);
        deltas.add(key, { count: 1, lastMs: now().getTime() });
      }
    },
    run: (signal) => deltas.run(signal),
  };
}

function usesIn(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function latest(before: string | undefined, lastMs: number): string {
  const knownMs = Date.parse(before ?? '') || 0;
  return timeText(Math.max(knownMs, lastMs));
}

function usedNotice(entry: NonNullable<ReturnType<typeof grantEntry>>): Notice {
  const [message = '', by, expiresAt] = ['message', 'decidedBy', 'expiresAt'].map((key) =>
    textOf(entry.status[key]),
  );
  const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  return grantNotice('GrantUsed', entry, { by, message, expiresAtMs });
}
