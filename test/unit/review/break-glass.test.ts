import { describe, expect, it } from 'vitest';
import { breakGlassEvent } from '../../../src/review/break-glass.ts';
import { workload } from '../../support/workload.ts';

const api = workload({ metadata: { uid: 'uid-api' } });

describe('the event of a workload that was let in unjudged', () => {
  it('is a Warning on it, with what the annotation says and what to do', () => {
    expect(breakGlassEvent(api, 'INC-1', 'apps/v1')).toEqual({
      regarding: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'shop',
        name: 'api',
        uid: 'uid-api',
      },
      type: 'Warning',
      reason: 'BreakGlass',
      action: 'Admission',
      note: 'runs unjudged: countersign.dev/break-glass is “INC-1”. When the emergency is over, take the annotation out: then it is judged again.',
      key: expect.any(String),
    });
  });

  it('is the same one for the same ticket only', () => {
    const key = (ticket: string) => breakGlassEvent(api, ticket, 'apps/v1').key;

    expect(key('INC-1')).toBe(key('INC-1'));
    expect(key('INC-1')).not.toBe(key('INC-2'));
  });

  it('has nothing in its note that a terminal would obey, however long the annotation is', () => {
    const { note } = breakGlassEvent(api, `a\u001b[31m\nb${'x'.repeat(65_536)}`, 'apps/v1');

    expect(note).toContain('“a\\u001b[31m\\u000ab');
    expect(note.length).toBeLessThan(500);
  });
});
