import { describe, expect, it } from 'vitest';
import { readBody, uidOf } from '../../../src/server/body.ts';
import { reviewText, UID } from '../../support/webhook.ts';

const DEEP = '['.repeat(5000);

describe('a body that cannot be read', () => {
  it.each([
    ['nothing', undefined, 'empty'],
    ['no bytes', Buffer.alloc(0), 'empty'],
    ['white space', ' \n', 'syntax'],
    ['text', 'hello', 'syntax'],
    ['half a review', '{"kind":"AdmissionReview"', 'syntax'],
    ['two values', '{}{}', 'syntax'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'encoding'],
    ['a surrogate in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'encoding'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'syntax'],
    ['deep nesting', DEEP, 'shape'],
    ['__proto__', '{"__proto__":{"request":{"uid":"forged"}}}', 'poison'],
  ] as const)('%s has a reason and no uid', (_name, body, reason) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    expect(readBody(bytes)).toMatchObject({ ok: false, reason, uid: undefined });
  });

  it.each([
    ['it is cut off', reviewText('{"a":').slice(0, -3), 'syntax'],
    ['it is nested too deeply', reviewText(DEEP), 'shape'],
    ['it has a field named __proto__', reviewText('{"__proto__":{"x":1}}'), 'poison'],
    ['the fields are in another order', `{"request":{"object":{"__proto__":1},"uid":"${UID}"}}`, 'poison'],
    [
      'the version comes first, with white space',
      `{ "apiVersion": "admission.k8s.io/v1",\n "kind": "AdmissionReview", "request": { "uid": "${UID}", oops`,
      'syntax',
    ],
    [
      'a later part is not UTF-8',
      Buffer.concat([Buffer.from(reviewText()), Buffer.from([0xff])]),
      'encoding',
    ],
  ] as const)('keeps the uid where %s', (_name, body, reason) => {
    expect(readBody(Buffer.from(body))).toMatchObject({ ok: false, reason, uid: UID });
  });

  it('takes no uid out of a nested text that only looks like the opening', () => {
    const body = readBody(Buffer.from(`{"a":${JSON.stringify(reviewText())},`));
    expect(body).toMatchObject({ ok: false, uid: undefined });
  });
});

describe('a body that can be read', () => {
  it.each([
    ['a review', reviewText('{"a":1}'), { a: 1 }],
    ['lone surrogates that are escaped', reviewText(String.raw`"\ud800"`), '\ud800'],
  ])('%s is its value', (_name, text, object) => {
    expect(readBody(Buffer.from(text))).toMatchObject({ ok: true, value: { request: { uid: UID, object } } });
  });

  it.each([null, 1, 'x', [], {}, { request: null }, { request: { uid: 7 } }, { request: { uid: '' } }])(
    '%j has no uid',
    (value) => {
      expect(uidOf(value)).toBeUndefined();
    },
  );
});
