import { createHash } from 'node:crypto';
import { shown } from './text.ts';

/** What somebody outside the cluster is told of, by name. */
export const NOTICE_EVENTS = [
  'DenialOpened',
  'GrantOpened',
  'GrantApproved',
  'GrantRejected',
  'GrantRevoked',
  'GrantUsed',
  'GrantExpiring',
  'GrantExpired',
  'Alarm',
] as const;

export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** Something that happened, in names and one sentence: never an object, and nothing that opens anything. */
export interface Notice {
  readonly event: NoticeEvent;
  /** Of the object that it happened to; with the event it says which notice this is, whoever tells it and however often. */
  readonly uid: string;
  readonly namespace: string;
  /** What a person would be told. */
  readonly text: string;
  readonly fields: NoticeFields;
}

export interface NoticeFields {
  /** The grant or the denial. */
  readonly name?: string | undefined;
  readonly serviceAccount?: string | undefined;
  /** `Kind/name`. */
  readonly workload?: string | undefined;
  readonly requester?: string | undefined;
  /** Who decided. */
  readonly by?: string | undefined;
  /** The denial’s name. */
  readonly decision?: string | undefined;
  /** RFC 3339. */
  readonly expiresAt?: string | undefined;
  /** Which alarm. */
  readonly alarm?: string | undefined;
}

const VERSION = 1;
const MAX_TEXT = 1000;
const ID_DIGITS = 32;

/** The same for the same notice, so that whoever gets it twice can tell. */
export function noticeId({ event, uid }: Pick<Notice, 'event' | 'uid'>): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, event, uid]))
    .digest('hex')
    .slice(0, ID_DIGITS);
}

/** As it is sent: JSON of at most a few kilobytes, every text on one line and without control characters. */
export function noticeBody(notice: Notice, atMs: number): string {
  const { event, namespace, text, fields } = notice;
  const safe = Object.entries(fields).flatMap(([key, value]: [string, string | undefined]) =>
    value === undefined ? [] : [[key, shown(value)] as const],
  );
  return JSON.stringify({
    version: VERSION,
    id: noticeId(notice),
    event,
    time: new Date(atMs).toISOString(),
    namespace: shown(namespace),
    ...Object.fromEntries(safe),
    text: shown(text, MAX_TEXT),
  });
}
