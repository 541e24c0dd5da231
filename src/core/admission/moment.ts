import { PREFIX } from '../inject/annotations.ts';
import { isObject, listOf, objectOf } from '../json.ts';
import { compareText } from '../scope/canonical.ts';
import type { Workload } from './workload.ts';

/** When a workload is judged: somebody changes something, or a controller makes a pod of a workload that exists. */
export type Moment = 'change' | 'reschedule';

/**
 * Does an UPDATE change what is judged: the account, the declaration, or the pod's reach for a token? An image bump, a
 * scale or a label does not, and neither does anything on an object that is being deleted.
 */
export function changesClaim(before: Workload, after: Workload): boolean {
  if (after.deleting) return false;
  return claimOf(before) !== claimOf(after);
}

function claimOf({ account, annotations, template }: Workload): string {
  const ours = Object.entries(annotations)
    .filter(([key]) => key.startsWith(PREFIX))
    .toSorted(([a], [b]) => compareText(a, b));
  const spec = objectOf(template['spec']);
  const tokens = listOf(spec['volumes']).filter(
    (volume) => isObject(volume) && ('projected' in volume || 'secret' in volume),
  );
  return JSON.stringify([account.name, ours, spec['automountServiceAccountToken'] ?? null, tokens]);
}
