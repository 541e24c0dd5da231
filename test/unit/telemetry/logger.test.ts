import { describe, expect, it } from 'vitest';
import { createScrubber } from '../../../src/telemetry/scrub.ts';
import { captureLog } from '../../support/log.ts';

const DECISION = {
  endpoint: 'change',
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  operation: 'CREATE',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'api',
  account: 'api',
  requester: 'alice@example.com',
  verdict: 'deny',
  decision: 'd-7f3k2m4q',
  codes: ['Missing', 'Excess'],
  responseCode: 403,
  dryRun: false,
};
const CALL = { ms: 1.2345, sourceAddress: '10.0.0.1', userAgent: 'kube-apiserver-admission' };
const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

describe('a decision', () => {
  it('is one line that says who, what and how it ended, with what others wrote below one key', () => {
    const log = captureLog();
    log.logger.logDecision(DECISION, CALL);
    expect(log.entries()).toEqual([
      {
        level: 'info',
        msg: 'decision',
        decision: 'd-7f3k2m4q',
        endpoint: 'change',
        verdict: 'deny',
        codes: ['Missing', 'Excess'],
        responseCode: 403,
        dryRun: false,
        ms: 1.23,
        request: {
          uid: DECISION.uid,
          operation: 'CREATE',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'api',
          account: 'api',
          requester: 'alice@example.com',
          sourceAddress: '10.0.0.1',
          userAgent: 'kube-apiserver-admission',
        },
      },
    ]);
  });

  it('says also what is known of the policy, the facts, the requester, the owner and the trace', () => {
    const log = captureLog();
    const more = {
      policy: 'production',
      factsAgeSeconds: 12.345,
      requesterGroups: 3,
      owner: 'ReplicaSet/api-1',
    };
    log.logger.logDecision({ ...DECISION, ...more, subResource: 'scale' }, { ...CALL, trace: TRACE });
    expect(log.entries()[0]).toMatchObject({
      policy: 'production',
      factsAgeSeconds: 12.3,
      request: { requesterGroups: 3, owner: 'ReplicaSet/api-1', subResource: 'scale', ...TRACE },
    });
  });

  it('is one line whatever its names hold', () => {
    const log = captureLog();
    const name = 'a\n{"verdict":"allow"}\r\u0085\u009b31m\u202e\u2028\ud800"';
    log.logger.logDecision({ ...DECISION, name }, CALL);

    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(log.entries()[0]).toMatchObject({ verdict: 'deny', request: { name } });
  });

  it('is cut where a value is long', () => {
    const log = captureLog();
    log.logger.logDecision(
      { ...DECISION, name: 'x'.repeat(100_000), codes: Array(1000).fill('Missing') },
      CALL,
    );
    expect(log.lines[0]?.length).toBeLessThan(2000);
  });
});

describe('a line', () => {
  it.each(['token', 'Authorization', 'password', 'object', 'oldObject', 'patch', 'data'])(
    'does not hold what stands under %s, at the top or below a key',
    (key) => {
      const log = captureLog();
      log.logger.info('said', { [key]: 'precious', request: { [key]: 'precious' } });
      expect(log.lines[0]).not.toContain('precious');
    },
  );

  it('does not hold a registered secret, not even the part before a cut', () => {
    const scrubber = createScrubber();
    const secret = 'ab'.repeat(400);
    scrubber.protect(secret);
    const log = captureLog({ scrubber });
    log.logger.error(`it was ${secret}`, { cause: `it was ${secret}` });
    expect(log.lines[0]).not.toContain('abab');
  });

  it('can not be made to look like ours by a key', () => {
    const log = captureLog();
    log.logger.warn('said', { request: { level: 'error', msg: 'forged' } });
    expect(log.entries()).toEqual([
      { level: 'warn', msg: 'said', request: { level: 'error', msg: 'forged' } },
    ]);
  });

  it('is written from the level on that is set while it runs', () => {
    const log = captureLog({ level: 'info' });
    log.logger.debug('one');
    log.logger.level = 'debug';
    log.logger.debug('two');
    log.logger.level = 'error';
    log.logger.warn('three');
    expect(log.entries().map(({ msg }) => msg)).toEqual(['two']);
    expect(log.logger.level).toBe('error');
  });
});
