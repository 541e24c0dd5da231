import type { CountersignError } from '../core/errors.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { pathOf } from '../desk/reach.ts';
import { readDenial } from '../desk/read-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import { createReflector } from '../kube/reflector.ts';
import { refusalOf } from '../kube/refusal.ts';

export interface WatchedDenials {
  readonly client: KubeClient;
  readonly namespace: string | undefined;
  /** Told already. */
  readonly known: readonly StoredDenial[];
  readonly tell: (denial: StoredDenial) => void;
  readonly signal?: AbortSignal;
}

/** Until the process is ended, or the API server refuses: what it only drops is taken up again. */
export async function watchDenials({
  client,
  namespace,
  known,
  tell,
  signal,
}: WatchedDenials): Promise<void> {
  const refused = new AbortController();
  let failure: CountersignError | undefined;
  const told = new Map(known.map((denial) => [keyOf(denial), denial.resourceVersion]));
  const reflector = createReflector({
    client,
    path: pathOf('denial', namespace),
    clock: systemClock,
    random: Math.random,
    onChange: (state) => {
      const code = refusalOf(state.failure)?.code ?? 0;
      if (![401, 403, 404].includes(code)) return;
      failure = state.failure;
      refused.abort();
    },
    sink: {
      put(object) {
        const [denial] = readDenial(object);
        if (denial === undefined) return undefined;
        const key = keyOf(denial);
        if (told.get(key) !== denial.resourceVersion) tell(denial);
        told.set(key, denial.resourceVersion);
        return key;
      },
      drop(object) {
        const [denial] = readDenial(object);
        if (denial !== undefined) told.delete(keyOf(denial));
      },
      retain(keys) {
        for (const key of told.keys()) if (!keys.has(key)) told.delete(key);
      },
    },
  });
  await reflector.run(signal === undefined ? refused.signal : AbortSignal.any([signal, refused.signal]));
  if (failure !== undefined) throw failure;
}

function keyOf({ namespace, name }: StoredDenial): string {
  return `${namespace}/${name}`;
}
