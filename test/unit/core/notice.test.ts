import { describe, expect, it } from 'vitest';
import { type Notice, noticeBody, noticeId } from '../../../src/core/notice.ts';

const NOTICE: Notice = {
  event: 'GrantApproved',
  uid: 'g-1',
  namespace: 'shop',
  text: 'grant shop/debug was approved',
  fields: { name: 'debug', requester: 'jane', by: undefined },
};

describe('a notice', () => {
  it('is small JSON with a version', () => {
    expect(JSON.parse(noticeBody(NOTICE, Date.UTC(2026, 0, 31)))).toEqual({
      version: 1,
      id: noticeId(NOTICE),
      event: 'GrantApproved',
      time: '2026-01-31T00:00:00.000Z',
      namespace: 'shop',
      name: 'debug',
      requester: 'jane',
      text: 'grant shop/debug was approved',
    });
  });

  it('has the same id whenever it is told, and another one for another event or object', () => {
    const ids = [
      NOTICE,
      { ...NOTICE, text: 'else' },
      { ...NOTICE, uid: 'g-2' },
      { ...NOTICE, event: 'GrantUsed' as const },
    ].map(noticeId);

    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('is harmless and bounded, whatever is in it', () => {
    const hostile = `\u001B[2J\n\u202E<!channel>${'x'.repeat(65_536)}`;
    const fields = {
      name: hostile,
      serviceAccount: hostile,
      workload: hostile,
      requester: hostile,
      by: hostile,
    };
    const body = noticeBody({ ...NOTICE, namespace: hostile, text: hostile, fields }, 0);

    expect(body.length).toBeLessThan(4000);
    expect(Object.values(JSON.parse(body) as object).join('')).not.toMatch(/[\p{Cc}\u202E]/u);
    expect((JSON.parse(body) as { text: string }).text).toContain('<!channel>');
  });
});
