import { describe, expect, it } from 'vitest';
import { reachability } from '../../../src/doctor/reachability.ts';
import { JUDGING, lines, withoutFix } from '../../support/doctor.ts';

const denied = (webhook: string) => ({
  code: 403,
  message: `admission webhook "${webhook}.countersign.dev" denied the request: default/doctor- (Pod): …`,
});
const failed = (why: string) => ({
  code: 500,
  message: `Internal error occurred: failed calling webhook "injected.countersign.dev": failed to call webhook: ${why}`,
});
const POST = 'Post "https://countersign.countersign.svc:443/injected/s?timeout=5s":';

describe('the way from the API server to us', () => {
  it.each([
    [
      denied('inject'),
      denied('injected'),
      ['ok inject.countersign.dev: the API server', 'ok injected.countersign.dev: the API server'],
    ],
    [
      denied('injected'),
      denied('injected'),
      ['fail inject.countersign.dev: the API server does not get there', 'ok injected'],
    ],
    [
      undefined,
      undefined,
      ['fail the API server did not ask injected.countersign.dev about a pod in default'],
    ],
    [denied('inject'), undefined, ['ok inject', 'fail the API server did not ask injected.countersign.dev']],
  ])('is told by what became of two pods: %o, %o', (annotated, posing, expected) => {
    const findings = reachability.judge({ namespace: 'default', annotated, posing }, JUDGING);
    expect(lines(findings)).toEqual(expected.map((start) => expect.stringContaining(start)));
    expect(withoutFix(findings)).toEqual([]);
  });

  it.each([
    [
      failed(`${POST} tls: failed to verify certificate: x509: certificate signed by unknown authority`),
      'it does not trust our certificate',
      'caBundle',
    ],
    [
      failed(
        `${POST} tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time`,
      ),
      'our certificate has expired',
      'renew=tls',
    ],
    [
      failed(
        `${POST} tls: failed to verify certificate: x509: certificate is valid for other.svc, not countersign.countersign.svc`,
      ),
      'our certificate is for another name',
      'countersign.countersign.svc',
    ],
    [
      failed(`${POST} no endpoints available for service "countersign"`),
      'nobody is ready behind the Service',
      'kubectl get pods -n countersign',
    ],
    [failed(`${POST} service "countersign" not found`), 'nobody is ready behind the Service', 'kubectl'],
    [failed(`${POST} dial tcp 10.0.0.1:443: connect: connection refused`), 'nobody listens there', 'port'],
    [failed('not found'), 'we do not know the path that it calls', 'segment'],
    [failed('forbidden'), 'we do not know it by its client certificate', 'clientCAFile'],
    [failed(`${POST} context deadline exceeded`), 'it gets no answer in time', 'firewall'],
    [
      failed(`${POST} dial tcp: lookup countersign.example on 10.0.0.10:53: no such host`),
      'it does not find the host',
      'resolve',
    ],
    [failed('something new'), 'something new', 'kubectl logs -n countersign'],
  ])('that fails says why and what to do: %o', (posing, says, fix) => {
    const [finding] = reachability.judge({ namespace: 'default', annotated: posing, posing }, JUDGING);
    expect(finding).toMatchObject({
      state: 'fail',
      says: expect.stringMatching(/^the API server calls injected\.countersign\.dev and fails: /),
      fix: expect.stringContaining(fix),
    });
    expect(finding?.says).toContain(says);
  });

  it.each([
    [{ code: 404, message: 'namespaces "nowhere" not found' }, 'there is no namespace nowhere'],
    [
      { code: 403, message: 'pods is forbidden: User "jane" cannot create resource "pods"' },
      'not proved: the pod was refused before',
    ],
    [
      {
        code: 403,
        message: 'admission webhook "other.example" denied the request: injected.countersign.dev',
      },
      'not proved',
    ],
  ])('that could not be tried is undetermined: %o', (posing, says) => {
    const [finding] = reachability.judge({ namespace: 'nowhere', annotated: posing, posing }, JUDGING);
    expect(finding).toMatchObject({ state: 'warn', undetermined: true, says: expect.stringContaining(says) });
  });
});
