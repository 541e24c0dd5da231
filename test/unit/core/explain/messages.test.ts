import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../../src/core/explain/causes.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { explained, MESSAGES, messageOf } from '../../../support/explain.ts';

const rows = MESSAGES.map((message) => [message.id, message] as const);

describe('each refusal of a real server or an RFC', () => {
  it.each(rows)('%s is explained by its cause', (_, { text, source, status, cause, missing }) => {
    const explanation = explained(text);

    expect({ source: explanation.source, status: explanation.status, cause: explanation.cause }).toEqual({
      source,
      status,
      cause,
    });
    const wanted = missing === undefined ? [] : missing.split('\n');
    expect(explanation.missing.map(printScope).slice(0, wanted.length || undefined)).toEqual(wanted);
  });

  it.each(rows)('%s is quoted, and says what to do, what to collect and whom to ask', (_, { text }) => {
    const { evidence, fix, roles, collect, ask } = explained(text);

    expect(evidence.length).toBeGreaterThan(0);
    expect(fix.length + roles.length).toBeGreaterThan(0);
    expect(collect.length).toBeGreaterThan(0);
    expect(ask).not.toBe('');
  });

  it('is one of more than 60, each once, from every kind of source', () => {
    expect(new Set(MESSAGES.map(({ id }) => id)).size).toBe(MESSAGES.length);
    expect(
      MESSAGES.filter(({ from }) => /^(?:kube-apiserver|OpenBao|Vault)/.test(from)).length,
    ).toBeGreaterThan(60);
    expect(new Set(MESSAGES.map(({ source }) => source))).toEqual(
      new Set(['kube-apiserver', 'admission', 'countersign', 'vault', 'oauth', 'registry', 'cloud', 'proxy']),
    );
  });
});

describe('a message inside of something else', () => {
  const text = messageOf('service-account');

  it.each([
    [
      'a log line of client-go',
      `E1128 20:53:17.1 1 reflector.go:205] "Failed to watch" err=${JSON.stringify(text)}`,
    ],
    ['an event', `Warning  FailedCreate  3s (x12 over 14s)  replicaset-controller  Error creating: ${text}`],
    [
      'a log of other things',
      `${'GET /healthz 200\n'.repeat(2000)}${text}\n${'GET /healthz 200\n'.repeat(2000)}`,
    ],
    ['JSON in JSON', JSON.stringify({ level: 'error', error: text })],
    ['CRLF lines', `\r\n${text}\r\n`],
  ])('in %s is found', (_, wrapped) => {
    const explanation = explained(wrapped);

    expect(explanation.cause).toBe('MissingScope');
    expect(explanation.missing.map(printScope)).toEqual(['list endpointslices.discovery.k8s.io in shop']);
    expect(explanation.subject).toEqual({
      kind: 'ServiceAccount',
      namespace: 'shop',
      name: 'api',
      groups: [],
    });
  });
});

describe('what is not known', () => {
  it.each(['', '\0', 'Hello', 'HTTP/1.1 403 Forbidden', '403'])('%j is said not to be', (text) => {
    const { cause, missing, fix, roles, collect } = explained(text);

    expect(cause).toBe('Unknown');
    expect([...missing, ...fix, ...roles]).toEqual([]);
    expect(collect).toEqual(CAUSES.Unknown.collect);
  });

  it('still tells its status', () => {
    expect(explained('HTTP/2 403 \ncontent-type: text/plain\n\nnope').status).toBe(403);
    expect(explained('upstream said status code: 404').status).toBe(404);
  });
});
