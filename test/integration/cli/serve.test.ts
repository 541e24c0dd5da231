import { describe, expect, it } from 'vitest';
import { build } from '../../../scripts/build.ts';
import { startWebhook } from '../../../scripts/demo/webhook.ts';
import { asKubectl } from '../../../src/cli/kubectl.ts';
import { reviewOf } from '../../support/admission.ts';
import { countersign, withFiles } from '../../support/cli.ts';
import { workloadObject } from '../../support/workload.ts';

describe('serve --facts', () => {
  it('answers over HTTPS from the folder, is ready, and leaves nothing running', async () => {
    await build({ quiet: true });
    const webhook = await startWebhook('manifests/examples');
    const object = workloadObject({
      namespace: 'billing',
      account: 'statements',
      annotations: { 'countersign.dev/needs': '' },
      metadata: { name: 'x', namespace: 'billing' },
    });
    const answer = await webhook.post('change', reviewOf({ object }));
    const ready = await fetch(`http://127.0.0.1:${webhook.operationsPort}/readyz`);
    await webhook.stop();

    expect(ready.status).toBe(200);
    expect(asKubectl(answer, 'change', 'x.yaml').join('\n')).toContain(
      'Error from server (Forbidden): error when creating "x.yaml": admission webhook "change.countersign.dev" denied the request: billing/x (Deployment) may not run',
    );
    expect(webhook.process.exitCode).toBe(0);
  });

  it.each([
    ['nothing to serve', [], 'expected --config FILE, or --facts DIR'],
    [
      'a configuration that is not there',
      ['--config', '/does/not/exist.yaml'],
      '/does/not/exist.yaml: cannot be read',
    ],
    ['a folder that is not there', ['--facts', '/does/not/exist'], '/does/not/exist'],
  ])('ends with 2 for %s', async (_, args, said) => {
    const { code, err } = await countersign(['serve', ...args]);

    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('reports every mistake of a configuration with its line', async () => {
    const config = 'webhook:\n  adress: ":1"\n  caller: { mode: none }\nlog: { level: loud }\n';
    const { code, err } = await withFiles({ 'c.yaml': config }, (dir) =>
      countersign(['serve', '--config', `${dir}/c.yaml`]),
    );

    expect(code).toBe(2);
    expect(err).toMatch(/c\.yaml:2:3: webhook\.adress: unknown key; did you mean address\?/u);
    expect(err).toMatch(/c\.yaml:3:\d+: webhook\.caller\.mode: expected one of path, mtls/u);
    expect(err).toMatch(/c\.yaml:4:\d+: log\.level: expected one of debug, info, warn, error/u);
  });
});

describe('replay', () => {
  const review = (annotations: Record<string, string>) =>
    JSON.stringify(
      reviewOf({ object: workloadObject({ namespace: 'shop', account: 'orders', annotations }) }),
    );

  it('decides a recorded review again', async () => {
    const { code, out } = await countersign(
      ['replay', '-', '--facts', 'manifests/examples'],
      review({ 'countersign.dev/needs': 'delete nodes' }),
    );

    expect(code).toBe(1);
    expect(out).toContain('change: deny');
    expect(out).toContain('missing  delete nodes everywhere');
  });

  it('prints the patch of a pod', async () => {
    const pod = workloadObject({
      kind: 'Pod',
      namespace: 'shop',
      account: 'orders',
      annotations: { 'countersign.dev/inject': 'true' },
    });
    const config = [
      'webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: x } }',
      'vaults: { default: { address: "https://vault:8200" } }',
      'injection: { image: "r.example/agent:1", keyFile: key }',
    ].join('\n');
    const { code, out } = await withFiles(
      { 'c.yaml': config, key: 'k'.repeat(32), 'r.json': JSON.stringify(reviewOf({ object: pod })) },
      (dir) =>
        countersign([
          'replay',
          `${dir}/r.json`,
          '--facts',
          'manifests/examples',
          '--config',
          `${dir}/c.yaml`,
        ]),
    );

    expect(code).toBe(0);
    expect(out).toMatch(/inject: allow\npatch, \d operations:\n {2}\{"op":"add","path":"\/spec\/volumes"/u);
  });

  it.each([
    ['what is no JSON', 'nonsense', 'standard input: expected an AdmissionReview as JSON'],
    ['an empty file', '', 'standard input: expected an AdmissionReview as JSON'],
  ])('ends with 2 for %s', async (_, input, said) => {
    const { code, err } = await countersign(['replay', '-', '--facts', 'manifests/examples'], input);

    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('ends with 2 for JSON that is no review, and says what is wrong with it', async () => {
    const { code, err } = await countersign(
      ['replay', '-', '--facts', 'manifests/examples'],
      '{"kind": "Pod"}',
    );

    expect(code).toBe(2);
    expect(err).toContain('standard input: kind: expected AdmissionReview');
  });
});
