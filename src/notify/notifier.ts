import { type Notice, type NoticeEvent, noticeBody, noticeId } from '../core/notice.ts';
import { createOutbox, type Letter, type Outbox } from './outbox.ts';
import { createPost, type Posted } from './post.ts';
import { SIGNATURE_HEADER, signature } from './signature.ts';

/** Tells receivers outside the cluster what happens: signed, in order, again when it fails, and nobody ever waits for it. */
export interface Notifier {
  /** Never throws and never waits. */
  notify(notice: Notice): void;
  /** Sends until the signal aborts, then what is left for two seconds at most. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface Receiver {
  /** By which metrics and log call it. */
  readonly name: string;
  readonly url: URL;
  /** PEM; `undefined`: the roots of the system. */
  readonly ca: string | undefined;
  readonly events: readonly NoticeEvent[];
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** What it is signed with, asked for each time. May fail, and is tried again. */
  readonly key: () => Promise<Uint8Array>;
}

/**
 * `overflow`: too many wait. `refused`: the receiver does not take it. `failed`: no answer after several tries. `stopped`:
 * the process ended.
 */
export type NoticeOutcome = 'sent' | 'overflow' | 'refused' | 'failed' | 'stopped';

export interface NotifierOptions {
  readonly clock: NotifierClock;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onOutcome: (receiver: string, outcome: NoticeOutcome) => void;
  /** Once, until a notice is sent again. */
  readonly onTrouble: (receiver: string, why: string) => void;
}

export interface NotifierClock {
  /** Runs once after that time, unless the returned function is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

const MAX_WAITING = 1000;
const ATTEMPTS = 8;
const BASE_MS = 1000;
const CEILING_MS = 60_000;
const LAST_MS = 2000;

export function createNotifier(receivers: readonly Receiver[], options: NotifierOptions): Notifier {
  const lines = receivers.map((receiver) => createLine(receiver, options));
  return {
    notify(notice) {
      const at = options.nowMs();
      const letter = { id: noticeId(notice), event: notice.event, body: noticeBody(notice, at) };
      for (const line of lines) if (line.wants(notice.event)) line.add(letter);
    },
    async run(signal) {
      await Promise.all(lines.map((line) => line.run(signal)));
    },
  };
}

interface Line extends Pick<Notifier, 'run'> {
  wants(event: NoticeEvent): boolean;
  add(letter: Letter): void;
}

function createLine(receiver: Receiver, options: NotifierOptions): Line {
  const { name, url, ca, timeoutSeconds } = receiver;
  const { clock, nowMs, random, onOutcome, onTrouble } = options;
  const outbox = createOutbox(MAX_WAITING);
  const post = createPost(url, ca);
  let isTold = false;

  function drop(why: string, outcome: Exclude<NoticeOutcome, 'sent'>): void {
    onOutcome(name, outcome);
    if (!isTold) onTrouble(name, why);
    isTold = true;
  }

  async function attempt({ id, event, body }: Letter, signal: AbortSignal): Promise<Posted> {
    const late = new AbortController();
    const cancel = clock.after(timeoutSeconds * 1000, () => late.abort());
    try {
      const signed = signature(await receiver.key(), Math.floor(nowMs() / 1000), body);
      const own = { [SIGNATURE_HEADER]: signed, 'Countersign-Notice': id, 'Countersign-Event': event };
      const headers = { 'user-agent': 'countersign', ...receiver.headers, ...own };
      return await post({ headers, body }, AbortSignal.any([signal, late.signal]));
    } catch {
      return { kind: 'later', why: 'the key cannot be read', retryAfterSeconds: undefined };
    } finally {
      cancel();
    }
  }

  /** Until it is taken, or refused, or given up. */
  async function deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const posted = await attempt(letter, signal);
      if (posted.kind === 'later') {
        failures += 1;
        if (signal.aborted) return;
        if (failures < ATTEMPTS) {
          await pause(clock, waitMs(failures, random(), posted.retryAfterSeconds), signal);
          continue;
        }
      }
      outbox.remove(letter);
      if (posted.kind === 'taken') {
        isTold = false;
        onOutcome(name, 'sent');
      } else drop(posted.why, posted.kind === 'refused' ? 'refused' : 'failed');
      return;
    }
  }

  async function sendLast(): Promise<void> {
    const late = new AbortController();
    const cancel = clock.after(LAST_MS, () => late.abort());
    await sendAll(outbox, deliver, late.signal);
    cancel();
    for (let left = outbox.size; left > 0; left -= 1) onOutcome(name, 'stopped');
  }

  return {
    wants: (event) => receiver.events.includes(event),
    add(letter) {
      if (!outbox.add(letter)) drop('too many notices wait', 'overflow');
    },
    async run(signal) {
      while (!signal.aborted) {
        await outbox.whenSome(signal);
        await sendAll(outbox, deliver, signal);
      }
      await sendLast();
    },
  };
}

async function sendAll(
  outbox: Outbox,
  deliver: (letter: Letter, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let letter = outbox.first(); letter !== undefined && !signal.aborted; letter = outbox.first()) {
    await deliver(letter, signal);
  }
}

/** Full jitter, and never sooner than the receiver asked for. */
function waitMs(failures: number, random: number, retryAfterSeconds = 0): number {
  const ceiling = Math.min(CEILING_MS, BASE_MS * 2 ** failures);
  return Math.max(retryAfterSeconds * 1000, random * ceiling);
}

/** Ends early when the signal aborts. */
function pause(clock: NotifierClock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
