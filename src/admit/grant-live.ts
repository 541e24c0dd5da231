import { setTimeout } from 'node:timers/promises';
import type { RbacOverlay } from '../core/rbac/held.ts';
import type { GrantEffects } from '../core/verdict/affected.ts';
import { viaText } from '../core/verdict/findings.ts';
import { confirmedVerdict } from '../core/verdict/live.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import type { LiveTruth } from './ports.ts';

const MAX_REREADS = 20;
const LIVE_MS = 1000;
/** A watch is seldom further behind than this. */
const CATCH_UP_MS = 150;

/** Before a denial: the roles and bindings that it rests on, as they are now, and time for the caches to hear of the newest. */
export async function rereadFor(
  { workloads }: Pick<GrantEffects, 'workloads'>,
  live: LiveTruth,
  deadline: AbortSignal,
): Promise<RbacOverlay> {
  const denied = workloads
    .flatMap(({ decision }) => decision.findings)
    .flatMap(({ action, via }) => (action === 'Deny' && via !== undefined ? [via] : []));
  const vias = [...new Map(denied.map((via) => [viaText(via), via])).values()].slice(0, MAX_REREADS);
  const signal = AbortSignal.any([deadline, AbortSignal.timeout(LIVE_MS)]);
  const [overlays] = await Promise.all([
    Promise.all(vias.map((via) => live.reread(via, signal))),
    setTimeout(CATCH_UP_MS),
  ]);
  return overlays
    .filter((overlay) => overlay !== undefined)
    .reduce<RbacOverlay>(merged, { roles: new Map(), bindings: new Map() });
}

/** Nobody can be asked what would be missing after the write: that rests on caches that had time to catch up. */
export function confirmed(found: Verdict, proved: RbacOverlay): Verdict {
  const refused = found.findings.flatMap(({ check, scope }) =>
    check === 'missing' && scope !== undefined && scope.kind !== 'vault' ? [scope] : [],
  );
  return confirmedVerdict(found, {
    allowed: [],
    refused,
    overlay: proved,
    vault: undefined,
  });
}

export function merged(under: RbacOverlay, over: RbacOverlay): RbacOverlay {
  return {
    roles: new Map([...under.roles, ...over.roles]),
    bindings: new Map([...under.bindings, ...over.bindings]),
  };
}
