import { describe, expect, it } from 'vitest';
import { readTraceparent } from '../../../src/telemetry/trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([
    ['of version 00', `00-${TRACE}-${SPAN}-01`],
    ['that is not sampled', `00-${TRACE}-${SPAN}-00`],
    ['of a later version', `cc-${TRACE}-${SPAN}-01`],
    ['of a later version with more behind it', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
  ])('%s is read', (_, header) => {
    expect(readTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN });
  });

  it.each([
    ['that is absent', undefined],
    ['that came twice', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['that came as a list', [`00-${TRACE}-${SPAN}-01`]],
    ['of version ff', `ff-${TRACE}-${SPAN}-01`],
    ['of version 00 with more behind it', `00-${TRACE}-${SPAN}-01-more`],
    ['of a later version with something else behind it', `cc-${TRACE}-${SPAN}-01.more`],
    ['in upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['whose trace is zero', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['whose span is zero', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['whose trace is short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['without flags', `00-${TRACE}-${SPAN}`],
    ['with a line feed behind it', `00-${TRACE}-${SPAN}-01\n`],
    ['with a space before it', ` 00-${TRACE}-${SPAN}-01`],
    ['of a later version that is very long', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`],
    ['that is a sentence', 'hvs.not-a-trace"}'],
    ['that is empty', ''],
  ])('%s is none', (_, header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });
});
