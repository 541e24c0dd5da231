import type { RunningWorkload } from '../admit/ports.ts';
import { BREAK_GLASS } from '../core/admission/declaration.ts';
import { shown } from '../core/text.ts';
import type { EventEntry } from './event.ts';

/**
 * The Event on a workload that was let in unjudged, by whoever held the verb.
 * @param ticket what the annotation says
 * @param apiVersion of the workload's kind
 */
export function breakGlassEvent(
  { kind, namespace, name, uid }: RunningWorkload,
  ticket: string,
  apiVersion: string,
): EventEntry {
  return {
    regarding: { apiVersion, kind, namespace, name, uid },
    type: 'Warning',
    reason: 'BreakGlass',
    action: 'Admission',
    note: `runs unjudged: ${BREAK_GLASS} is “${shown(ticket)}”. When the emergency is over, take the annotation out: then it is judged again.`,
    key: JSON.stringify(['BreakGlass', kind, namespace, name, uid, ticket]),
  };
}
