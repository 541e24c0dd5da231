import { objectOf, textOf } from '../../core/json.ts';
import type { Notice } from '../../core/notice.ts';

/** Of a Denial that has just been made, as the API server has it; `undefined`: it has no uid. */
export function openedNotice(object: unknown): Notice | undefined {
  const { metadata, spec } = objectOf(object);
  const { namespace = '', name, uid } = objectOf(metadata);
  const { workload, serviceAccount, summary } = objectOf(spec);
  const { kind = '', name: of = '' } = objectOf(workload);
  if (typeof uid !== 'string') return undefined;
  return {
    event: 'DenialOpened',
    uid,
    namespace: textOf(namespace) ?? '',
    text: textOf(summary) ?? '',
    fields: {
      name: textOf(name),
      serviceAccount: textOf(objectOf(serviceAccount)['name']),
      workload: `${textOf(kind) ?? ''}/${textOf(of) ?? ''}`,
      decision: textOf(name),
    },
  };
}
