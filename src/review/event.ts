import { createHash } from 'node:crypto';
import { shown } from '../core/text.ts';
import { microTime } from '../kube/micro-time.ts';

/**
 * Events as events.k8s.io/v1 takes them (kubernetes/pkg/apis/core/validation/events.go): the object an Event is about
 * need not exist, and once it is written only its series may change.
 */

/** What happened, to what. */
export interface EventEntry {
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase, like `ScopeDenied`. */
  readonly reason: string;
  /** What was being done, like `Admission`. */
  readonly action: string;
  /** Of several lines only the first is seen in `kubectl get events`. */
  readonly note: string;
  /** Entries of one key are one Event with a count. */
  readonly key: string;
}

export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for what is in none; its Events are in `default`. */
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** How often it happened so far. */
export interface Occurrences {
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

const CONTROLLER = 'countersign.dev/webhook';
const MAX_NOTE_BYTES = 1024;
const MAX_WORD_BYTES = 128;
const MAX_NAME = 253;
const HASH_DIGITS = 16;

export function eventsPath({ namespace }: Regarding): string {
  return `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace || 'default')}/events`;
}

/** @param instance the replica: each writes Events of its own. */
export function eventOf(entry: EventEntry, seen: Occurrences, instance: string): object {
  const { regarding, type, reason, action, note } = entry;
  const { apiVersion, kind, namespace, name, uid } = regarding;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: namespace || 'default', name: eventName(entry, seen, instance) },
    regarding: {
      apiVersion: shown(apiVersion),
      kind: shown(kind),
      ...(namespace !== '' && { namespace }),
      name: shown(name),
      ...(uid !== undefined && { uid: shown(uid) }),
    },
    type,
    reason: clipped(reason, MAX_WORD_BYTES),
    action: clipped(action, MAX_WORD_BYTES),
    note: clipped(note, MAX_NOTE_BYTES),
    eventTime: microTime(seen.first),
    reportingController: CONTROLLER,
    reportingInstance: clipped(instance, MAX_WORD_BYTES),
    ...(seen.count > 1 && seriesOf(seen)),
  };
}

/** A JSON merge patch. */
export function seriesOf({ count, last }: Occurrences): object {
  return { series: { count, lastObservedTime: microTime(last) } };
}

/** The object's name and a hash, as kubectl's users know it; always a DNS subdomain, whatever the object is called. */
export function eventName({ regarding, key }: EventEntry, { first }: Occurrences, instance: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([instance, regarding, key, first.toISOString()]))
    .digest('hex')
    .slice(0, HASH_DIGITS);
  const name = regarding.name
    .slice(0, MAX_NAME)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, (between) => (between === '.' || /^-+$/u.test(between) ? between : '-'))
    .slice(0, MAX_NAME - HASH_DIGITS - 1)
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/gu, '');
  return name === '' ? hash : `${name}.${hash}`;
}

const ELLIPSIS = '…';

/** The API counts bytes, and a character is not to be cut in two. Lines stay lines. */
function clipped(text: string, maxBytes: number): string {
  const lines = text.slice(0, maxBytes + 1).split('\n');
  const bytes = Buffer.from(lines.map((line) => shown(line, 10 * maxBytes)).join('\n'));
  if (bytes.length <= maxBytes) return bytes.toString();
  const room = bytes.subarray(0, maxBytes - Buffer.byteLength(ELLIPSIS));
  return new TextDecoder().decode(room, { stream: true }) + ELLIPSIS;
}
