import { describe, expect, it } from 'vitest';
import { kindOf, nameOf, rendered } from '../support/chart.ts';
import { countersign, withFiles } from '../support/cli.ts';
import { sharedCluster } from '../support/cluster.ts';

const cluster = sharedCluster();
const uninstall = () => countersign(['uninstall', '--kubeconfig', cluster.kubeconfig]);

describe('countersign uninstall', () => {
  it('takes both registrations away and nothing else, and is content when they are gone', async () => {
    const chart = await rendered();
    const objects = chart.objects.filter((object) => kindOf(object).endsWith('WebhookConfiguration'));
    const other = {
      ...chart.one('MutatingWebhookConfiguration'),
      metadata: { name: 'of-others' },
      webhooks: [],
    };
    const input = [...objects, other].map((object) => JSON.stringify(object)).join('\n---\n');
    await cluster.kubectl(['apply', '-f', '-'], { input });
    expect(objects.map(nameOf)).toEqual(['countersign', 'countersign']);

    const [first, second] = [await uninstall(), await uninstall()];

    expect(first).toEqual({
      code: 0,
      err: '',
      out: 'validatingwebhookconfigurations/countersign: deleted\nmutatingwebhookconfigurations/countersign: deleted\n',
    });
    expect(second).toEqual({ code: 0, err: '', out: first.out.replaceAll('deleted', 'not there') });
    const { stdout } = await cluster.kubectl(['get', 'mutatingwebhookconfigurations', '-o', 'name']);
    expect(stdout).toContain('/of-others\n');
    await cluster.kubectl(['delete', 'mutatingwebhookconfiguration', 'of-others']);
  });

  it('fails where it cannot know', async () => {
    const nobody = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:9' } }],
      users: [{ name: 'x', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    };
    await withFiles({ config: JSON.stringify(nobody) }, async (dir) => {
      const { code, err } = await countersign(['uninstall', '--kubeconfig', `${dir}/config`]);

      expect({ code, err }).toEqual({
        code: 1,
        err: expect.stringContaining('DELETE /apis/admissionregistration.k8s.io/v1'),
      });
    });
  });
});
