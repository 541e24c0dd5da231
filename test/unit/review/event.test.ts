import { describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../../src/core/json.ts';
import {
  type EventEntry,
  eventName,
  eventOf,
  eventsPath,
  type Regarding,
} from '../../../src/review/event.ts';

const SEEN = {
  count: 1,
  first: new Date('2026-11-24T10:00:00.5Z'),
  last: new Date('2026-11-24T10:00:07Z'),
};
const ENTRY: EventEntry = {
  regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api', uid: 'u-1' },
  type: 'Warning',
  reason: 'ScopeDenied',
  action: 'Admission',
  note: 'shop/api may not run\n  missing  get pods',
  key: 'd-7f3k2m4q',
};

function about(regarding: Partial<Regarding>): EventEntry {
  return { ...ENTRY, regarding: { ...ENTRY.regarding, ...regarding } };
}

function noteOf(note: string): string {
  return textOf(objectOf(eventOf({ ...ENTRY, note }, SEEN, 'pod-1'))['note']) ?? '';
}

describe('eventOf', () => {
  it('is what the API server takes', () => {
    expect(eventOf(ENTRY, SEEN, 'pod-1')).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'shop', name: expect.stringMatching(/^api\.[0-9a-f]{16}$/u) },
      regarding: ENTRY.regarding,
      type: 'Warning',
      reason: 'ScopeDenied',
      action: 'Admission',
      note: 'shop/api may not run\n  missing  get pods',
      eventTime: '2026-11-24T10:00:00.500000Z',
      reportingController: 'countersign.dev/webhook',
      reportingInstance: 'pod-1',
    });
  });

  it('has a series from the second entry on', () => {
    expect(eventOf(ENTRY, { ...SEEN, count: 2 }, 'pod-1')).toMatchObject({
      series: { count: 2, lastObservedTime: '2026-11-24T10:00:07.000000Z' },
    });
  });

  it('stands in default when it is about something of no namespace', () => {
    const entry = about({ namespace: '', uid: undefined });

    expect(eventsPath(entry.regarding)).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
    expect(eventOf(entry, SEEN, 'pod-1')).toMatchObject({
      metadata: { namespace: 'default' },
      regarding: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
    });
  });

  it('does not let a namespace lead to another path', () => {
    expect(eventsPath({ ...ENTRY.regarding, namespace: 'a/../b?c' })).toBe(
      '/apis/events.k8s.io/v1/namespaces/a%2F..%2Fb%3Fc/events',
    );
  });

  it.each([
    ['short', 'é'.repeat(512), 'é'.repeat(512)],
    ['one byte too long', `${'é'.repeat(512)}x`, `${'é'.repeat(510)}…`],
    ['one character too long', 'x'.repeat(1025), `${'x'.repeat(1021)}…`],
    ['cut within a character', `x${'é'.repeat(600)}`, `x${'é'.repeat(510)}…`],
    ['cut within a pair of surrogates', '😀'.repeat(300), `${'😀'.repeat(255)}…`],
    ['what a terminal obeys', '\u001b[31mred\u202e', String.raw`\u001b[31mred\u202e`],
    ['a carriage return', 'a\r\nb', String.raw`a\u000d` + '\nb'],
    ['half a character', 'a\ud800b', String.raw`a\ud800b`],
  ])('writes a note in at most 1024 bytes: %s', (_case, note, written) => {
    expect(noteOf(note)).toBe(written);
    expect(Buffer.byteLength(noteOf(note))).toBeLessThanOrEqual(1024);
  });

  it('keeps every word within its bound', () => {
    const long = 'é'.repeat(5000);
    const written = objectOf(eventOf({ ...ENTRY, reason: long, action: long, note: long }, SEEN, long));

    for (const field of ['reason', 'action', 'reportingInstance']) {
      expect(Buffer.byteLength(textOf(written[field]) ?? '')).toBeLessThanOrEqual(128);
    }
    expect(textOf(objectOf(eventOf(about({ name: long, uid: long }), SEEN, 'x'))['name'])).toBeUndefined();
    expect(
      JSON.stringify(eventOf(about({ name: long, uid: long, kind: long }), SEEN, 'x')).length,
    ).toBeLessThan(2000);
  });
});

describe('eventName', () => {
  const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;

  it.each([
    ['api', 'api'],
    ['api-7d9.v1', 'api-7d9.v1'],
    ['a--b', 'a--b'],
    ['API_Server', 'api-server'],
    ['system:node:a', 'system-node-a'],
    ['a..b.-c-.d', 'a-b-c-d'],
    ['-.a.-', 'a'],
    ['../../secrets', 'secrets'],
    ['İ', 'i'],
    ['x'.repeat(300), 'x'.repeat(236)],
    [`${'x'.repeat(235)}.yz`, 'x'.repeat(235)],
  ])('of %s is a DNS subdomain', (name, start) => {
    const written = eventName(about({ name }), SEEN, 'pod-1');

    expect(written.slice(0, -17)).toBe(start);
    expect(written).toMatch(SUBDOMAIN);
    expect(written.length).toBeLessThanOrEqual(253);
  });

  it.each(['', '...', '::', '\n', '日本'])('of %j is the hash alone', (name) => {
    expect(eventName(about({ name }), SEEN, 'pod-1')).toMatch(/^[0-9a-f]{16}$/u);
  });

  it('differs by key, replica, object and time', () => {
    const names = [
      eventName(ENTRY, SEEN, 'pod-1'),
      eventName({ ...ENTRY, key: 'd-other' }, SEEN, 'pod-1'),
      eventName(ENTRY, SEEN, 'pod-2'),
      eventName(about({ uid: 'u-2' }), SEEN, 'pod-1'),
      eventName(about({ name: '-' }), SEEN, 'pod-1'),
      eventName(about({ name: '.' }), SEEN, 'pod-1'),
      eventName(ENTRY, { ...SEEN, first: SEEN.last }, 'pod-1'),
    ];

    expect(new Set(names).size).toBe(names.length);
    expect(eventName(ENTRY, { ...SEEN, count: 9, last: new Date(0) }, 'pod-1')).toBe(names[0]);
  });
});
