import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTICE_EVENTS, type Notice, noticeBody } from '../../../src/core/notice.ts';
import { createNotifier, type NoticeOutcome } from '../../../src/notify/notifier.ts';
import { signature } from '../../../src/notify/signature.ts';
import { type Chat, startChat } from '../../support/chat.ts';
import { temporaryFolder } from '../../support/tls.ts';
import { until } from '../../unit/kube/manual-clock.ts';

/** The example that forwards to a chat does what docs/notifications.md says of it. */

const KEY = new Uint8Array(32).fill(7);
const folder = temporaryFolder();
let chat: Chat;
let uid = 0;

beforeAll(async () => {
  chat = await startChat(folder.path, KEY);
});
beforeEach(() => {
  (chat.texts as string[]).length = 0;
});
afterAll(async () => {
  await chat.stop();
  folder[Symbol.dispose]();
});

function notice(text: string): Notice {
  uid += 1;
  return { event: 'GrantApproved', uid: `g-${uid}`, namespace: 'shop', text, fields: {} };
}

/** By Countersign's own sink; waits are short. */
async function sent(...notices: readonly Notice[]): Promise<readonly NoticeOutcome[]> {
  const outcomes: NoticeOutcome[] = [];
  const stop = new AbortController();
  const after = (milliseconds: number, run: () => void) => {
    const timer = setTimeout(run, milliseconds < 5000 ? milliseconds / 100 : milliseconds);
    return () => clearTimeout(timer);
  };
  const receiver = {
    name: 'chat',
    url: chat.url,
    ca: undefined,
    events: NOTICE_EVENTS,
    headers: {},
    timeoutSeconds: 10,
    key: async () => KEY,
  };
  const notifier = createNotifier([receiver], {
    clock: { after },
    nowMs: Date.now,
    random: () => 0.5,
    onOutcome: (_, outcome) => void outcomes.push(outcome),
    onTrouble: () => undefined,
  });
  for (const one of notices) notifier.notify(one);
  const running = notifier.run(stop.signal);
  await until(() => outcomes.length === notices.length);
  stop.abort();
  await running;
  return outcomes;
}

async function posted(body: string, header: string): Promise<number> {
  const headers = { 'countersign-signature': header };
  return (await fetch(chat.url, { method: 'POST', body, headers })).status;
}

describe('the chat', () => {
  it('gets the text of a notice, and what people wrote calls nobody', async () => {
    expect(await sent(notice('grant shop/debug was approved: <!channel> & <b>'))).toEqual(['sent']);
    expect(chat.texts).toEqual([
      '*GrantApproved*: grant shop/debug was approved: &lt;!channel&gt; &amp; &lt;b&gt;',
    ]);
  });

  it('gets a notice once, however often it is sent', async () => {
    const one = notice('once');
    await sent(one);
    await sent(one);

    expect(chat.texts).toHaveLength(1);
  });

  it('gets it later when it is away, or has had enough', async () => {
    chat.faults.push(
      (response) => void response.writeHead(500).end(),
      (response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
      (response) => void response.destroy(),
    );

    expect(await sent(notice('late'))).toEqual(['sent']);
    expect(chat.texts).toEqual(['*GrantApproved*: late']);
  });

  const body = noticeBody({ event: 'Alarm', uid: 'x', namespace: 'shop', text: 'forged', fields: {} }, 0);
  const now = () => Math.floor(Date.now() / 1000);

  it.each<[string, () => string]>([
    ['without a signature', () => ''],
    ['signed with another key', () => signature(new Uint8Array(32).fill(8), now(), body)],
    ['signed for another body', () => signature(KEY, now(), `${body} `)],
    ['signed ten minutes ago', () => signature(KEY, now() - 600, body)],
    ['signed for a time to come', () => signature(KEY, now() + 600, body)],
    ['signed in another form', () => signature(KEY, now(), body).replace('v1=', 'v0=')],
    ['signed in part', () => signature(KEY, now(), body).slice(0, -2)],
  ])('gets nothing that is %s', async (_, header) => {
    expect(await posted(body, header())).toBe(401);
    expect(chat.texts).toEqual([]);
  });
});
