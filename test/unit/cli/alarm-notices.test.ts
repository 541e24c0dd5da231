import { describe, expect, it } from 'vitest';
import { breakGlassAlarm } from '../../../src/cli/alarm-notices.ts';
import { workload } from '../../support/workload.ts';

describe('a workload that was let in by break-glass', () => {
  it('is an alarm of one id, in names alone', () => {
    const annotations = { 'countersign.dev/break-glass': 'INC-1' };

    expect(breakGlassAlarm({ ...workload({ name: 'api', annotations }), uid: 'uid-api' })).toEqual({
      event: 'Alarm',
      uid: 'uid-api BreakGlass',
      namespace: 'shop',
      text: 'shop/api (Deployment) runs by break-glass: nobody has judged it',
      fields: { alarm: 'BreakGlass', workload: 'Deployment/api', serviceAccount: 'api' },
    });
  });
});
