import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createCallerCheck } from '../../../src/server/caller.ts';

const socket = new Socket();

it.each([
  ['door', undefined],
  ['old', undefined],
  ['', 'path'],
  ['doo', 'path'],
  ['door1', 'path'],
  ['DOOR', 'path'],
  ['dóor', 'path'],
])('with a segment and the one before it, %j is %s', (segment, cause) => {
  const check = createCallerCheck({ mode: 'path', segment: 'door', previousSegment: 'old' });
  expect(check(segment, socket)).toBe(cause);
});

it.each([
  ['', 'certificate'],
  ['door', 'path'],
])('in mode mtls without a segment, %j over a plain socket is refused for %s', (segment, cause) => {
  const check = createCallerCheck({ mode: 'mtls', allowedNames: ['apiserver'] });
  expect(check(segment, socket)).toBe(cause);
});

it('in mode mtls with a segment, the segment comes first', () => {
  const check = createCallerCheck({ mode: 'mtls', allowedNames: ['apiserver'], segment: 'door' });
  expect([check('window', socket), check('door', socket)]).toEqual(['path', 'certificate']);
});

it('with segments that change, those of the moment count, and none means nobody', () => {
  let segments: readonly string[] = [];
  const check = createCallerCheck({ mode: 'path', segment: '' }, () => segments);
  expect([check('', socket), check('door', socket)]).toEqual(['path', 'path']);
  segments = ['door', 'old'];
  expect([check('door', socket), check('old', socket)]).toEqual([undefined, undefined]);
  segments = ['door'];
  expect(check('old', socket)).toBe('path');
});
