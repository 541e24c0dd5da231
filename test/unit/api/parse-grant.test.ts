import { describe, expect, it } from 'vitest';
import { parseDecision, parseGrant } from '../../../src/api/parse-grant.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { APPROVED_MS, decisionObject, decisionOn, grant, grantObject } from '../../support/grants.ts';

const LINES = ['get secrets', 'list pods'];

describe('an AccessGrant', () => {
  it('is read', () => {
    const object = grantObject(LINES, {
      serviceAccount: { name: 'api', uid: 'a-1' },
      workload: { kind: 'Deployment', name: 'api' },
      checks: ['excess', 'missing'],
      duration: '1h30m',
      ticket: 'OPS-7',
    });

    expect(parseGrant(object)).toEqual({
      value: grant(LINES.join('\n'), {
        account: { name: 'api', uid: 'a-1' },
        workload: { kind: 'Deployment', name: 'api' },
        checks: ['excess', 'missing'],
        durationSeconds: 5400,
      }),
      problems: [],
    });
  });

  it.each<[string, JsonObject, JsonObject, readonly string[]]>([
    [
      'a check that nobody may waive',
      { checks: ['forbidden'] },
      {},
      ['spec.checks.0: expected one of missing, excess, overreach, undeclared'],
    ],
    ['no check at all', { checks: [] }, {}, ['spec.checks: expected at least one entry, found none']],
    ['no requester', { requester: undefined }, {}, ['spec.requester: is missing']],
    ['no reason', { reason: '' }, {}, ['spec.reason: expected at least one character, found none']],
    [
      'a duration that is none',
      { duration: '1d' },
      {},
      ['spec.duration: expected a duration such as 24h or 1h30m'],
    ],
    [
      'no duration to speak of',
      { duration: '0s' },
      {},
      ['spec.duration: expected a duration such as 24h or 1h30m'],
    ],
    [
      'a line that is no scope',
      { scopes: ['get pods', 'get'] },
      {},
      ['spec.scopes.1: expected a resource or a URL after the verbs, such as `get pods`'],
    ],
    ['an empty line', { scopes: ['# later'] }, {}, ['spec.scopes.0: expected a scope line']],
    [
      'an unknown field',
      { approver: 'omar' },
      {},
      [
        'spec.approver: unknown key; expected one of serviceAccount, workload, scopes, checks, reason, decision, ticket, duration, requester',
      ],
    ],
    ['no uid, as if it came from nowhere', {}, { uid: undefined }, ['metadata.uid: is missing']],
  ])('with %s is refused', (_, spec, metadata, said) => {
    const object: unknown = JSON.parse(JSON.stringify(grantObject(LINES, spec, metadata)));
    const { value, problems } = parseGrant(object);

    expect(value).toBeUndefined();
    expect(problems.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(said);
  });

  it('says where in a line the mistake is', () => {
    expect(parseGrant(grantObject(['get pods in'])).problems).toEqual([
      expect.objectContaining({ path: ['spec', 'scopes', 0], line: 1, column: 12 }),
    ]);
  });
});

describe('an AccessDecision', () => {
  const about = grant(LINES.join('\n'));

  it('is read', () => {
    expect(parseDecision(decisionObject(about))).toEqual({ value: decisionOn(about), problems: [] });
    expect(decisionOn(about).createdMs).toBe(APPROVED_MS);
  });

  it.each<[string, JsonObject, JsonObject, readonly string[]]>([
    [
      'an unknown decision',
      { decision: 'Maybe' },
      {},
      ['spec.decision: expected one of Approve, Reject, Revoke'],
    ],
    ['nobody who decides', { by: '' }, {}, ['spec.by: expected at least one character, found none']],
    ...['2026-01-31', '2026-13-31T12:00:00Z', '2026-01-31T12:00:00+05:00', 'now'].map(
      (creationTimestamp): [string, JsonObject, JsonObject, readonly string[]] => [
        `the time ${creationTimestamp}`,
        {},
        { creationTimestamp },
        ['metadata.creationTimestamp: expected a time such as 2026-01-31T12:00:00Z'],
      ],
    ),
  ])('with %s is refused', (_, spec, metadata, said) => {
    const { value, problems } = parseDecision(decisionObject(about, spec, metadata));

    expect(value).toBeUndefined();
    expect(problems.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual(said);
  });
});
