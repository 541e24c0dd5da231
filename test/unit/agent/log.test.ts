import { expect, it } from 'vitest';
import { createLog } from '../../../src/agent/log.ts';

it('a log line is one JSON object on one line, in the order of its fields', () => {
  const lines: string[] = [];
  const log = createLog({ now: () => 0, print: (line) => void lines.push(line) });

  log.info('logged in', { role: 'a\nb', count: 2, absent: undefined });
  log.warn('trying again');

  expect(lines).toEqual([
    '{"level":"info","time":"1970-01-01T00:00:00.000Z","msg":"logged in","role":"a\\nb","count":2}',
    '{"level":"warn","time":"1970-01-01T00:00:00.000Z","msg":"trying again"}',
  ]);
});
