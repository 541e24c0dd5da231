import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewOf } from '../support/admission.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
const ANNOTATIONS = { 'countersign.dev/inject': 'true', 'countersign.dev/needs': '' };

let registered: Registered;
beforeAll(async () => {
  registered = await registerWebhook(cluster, {
    policies: [],
    vault: { address: 'https://vault.invalid:8200' },
    caller: 'mtls',
  });
});
afterAll(() => registered.stop());

function callWithoutCertificate(body: object): Promise<{ code: number | undefined; text: string }> {
  const { url, caPem } = registered.webhook;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(url('inject'), { method: 'POST', ca: caPem, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ code: answer.statusCode, text }));
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

describe('with callers known by their client certificate', () => {
  it('the API server is answered', async () => {
    const namespace = await newNamespace(cluster);
    const pod = workloadObject({
      kind: 'Pod',
      name: 'one',
      namespace,
      account: 'default',
      annotations: ANNOTATIONS,
    });
    await expect
      .poll(
        async () =>
          (
            await cluster.kubectl(['get', 'serviceaccount', 'default', '-n', namespace], {
              allowFailure: true,
            })
          ).code,
      )
      .toBe(0);
    const { stdout } = await cluster.kubectl(['create', '-f', '-', '-o', 'json'], {
      input: JSON.stringify(pod),
    });

    expect(stdout).toContain('"name": "countersign-init"');
  });

  it('a stranger is told nothing', async () => {
    const object = workloadObject({ kind: 'Pod', annotations: ANNOTATIONS });
    const { code, text } = await callWithoutCertificate(reviewOf({ object }));

    expect(code).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code: 403, message: 'forbidden' });
    expect(text).not.toContain('countersign-init');
  });
});
