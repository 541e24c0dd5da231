import type { CountersignError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import type { CallOptions, KubeClient } from '../../kube/client.ts';
import { refusalOf, refused, unless } from '../../kube/refusal.ts';
import { patchStatus } from '../status-patch.ts';
import { type DenialBounds, roomFor } from './bounds.ts';
import { type DenialChange, statusAfter } from './change.ts';
import type { DenialIndex } from './denial-index.ts';
import { type DenialEntry, denialPath, denialsPath } from './entry.ts';

export type DenialWrite = 'create' | 'status' | 'delete';

export interface DenialWriterOptions {
  readonly client: KubeClient;
  readonly index: DenialIndex;
  readonly bounds: DenialBounds;
  readonly onWrite: (write: DenialWrite) => void;
  /** The Denial that this replica has made. */
  readonly onOpened?: ((created: unknown) => void) | undefined;
  /** What was not made, since there is no room for it. */
  readonly onBounded: (change: DenialChange) => void;
}

/** Only the API server says whether a denial is there, so that replicas meet in one object. */
export interface DenialWriter {
  write(place: Place, change: DenialChange, signal: AbortSignal): Promise<void>;
  remove(entry: DenialEntry, signal: AbortSignal): Promise<void>;
}

type Place = Pick<DenialEntry, 'namespace' | 'name'>;

const WRITE_SECONDS = 5;

function takenAway({ namespace, name }: Place): CountersignError {
  const message = 'it was taken away while it was written';
  return refused(`denial ${namespace}/${name}`, { code: 409, reason: 'Conflict', message });
}

export function createDenialWriter(options: DenialWriterOptions): DenialWriter {
  const { client, index, bounds, onWrite, onBounded } = options;

  /** The denial as it is; `undefined`: it is neither there nor made. */
  async function found(place: Place, change: DenialChange, call: CallOptions): Promise<unknown> {
    const isKnown = index.get(`${place.namespace}/${place.name}`) !== undefined;
    const there = isKnown ? await unless([404], client.get(denialPath(place), call)) : undefined;
    return there ?? (await made(place, change, call));
  }

  async function made(place: Place, { spec, ...change }: DenialChange, call: CallOptions): Promise<unknown> {
    if (spec === undefined) return undefined;
    if (!(await makeRoom(place, { spec, ...change }, call.signal))) return undefined;
    const object = {
      apiVersion: 'countersign.dev/v1alpha1',
      kind: 'Denial',
      metadata: { namespace: place.namespace, name: place.name },
      spec,
    };
    try {
      const created = await client.post(denialsPath(place.namespace), object, call);
      onWrite('create');
      options.onOpened?.(created);
      return created;
    } catch (error) {
      if (refusalOf(error)?.code !== 409) throw error;
      const there = await unless([404], client.get(denialPath(place), call));
      // Made and taken away by others meanwhile: then it is made another time.
      if (there === undefined) throw error;
      return there;
    }
  }

  async function makeRoom(
    { namespace }: Place,
    change: DenialChange,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const [requester = ''] = change.requesters.keys();
    const going = roomFor({ namespace, requester, count: change.count }, index, bounds);
    if (going === undefined) {
      onBounded(change);
      return false;
    }
    for (const entry of going) await remove(entry, signal);
    return true;
  }

  async function remove(entry: DenialEntry, signal: AbortSignal | undefined): Promise<void> {
    await unless([404], client.delete(denialPath(entry), { timeoutSeconds: WRITE_SECONDS, signal }));
    index.forget(entry);
    onWrite('delete');
  }

  return {
    async write(place, change, signal) {
      const call = { timeoutSeconds: WRITE_SECONDS, signal };
      const first = await found(place, change, call);
      if (!isObject(first)) return;
      let changes = false;
      const patched = patchStatus(
        client,
        denialPath(place),
        (object) => {
          const status = statusAfter(object, change);
          changes = status !== undefined;
          return status;
        },
        { ...call, first },
      );
      const written = await unless([404], patched);
      if (written === undefined && change.spec !== undefined) throw takenAway(place);
      if (changes) onWrite('status');
      if (written !== undefined) index.put(written);
    },
    remove,
  };
}
