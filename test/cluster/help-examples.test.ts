import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countersign } from '../support/cli.ts';
import { sharedCluster } from '../support/cluster.ts';
import { type CommandShell, openCommandShell } from '../support/page-shell.ts';

/** Every example of every help text, run as it stands there. */

const cluster = sharedCluster();

/** By example, how it ends and what it prints. */
const EXAMPLES: Readonly<Record<string, readonly [code: number, prints: RegExp]>> = {
  'countersign check manifests/examples': [1, /^2 workloads in 4 files: 1 pass, 1 deny$/mu],
  'helm template countersign charts/countersign | countersign check -': [
    0,
    /^3 workloads in 1 file: 3 pass/mu,
  ],
  'countersign check manifests/examples -o json | jq \'.workloads[] | select(.result == "deny")\'': [
    0,
    /statements/u,
  ],
  'countersign fix manifests/examples': [1, /^billing\/statements \(Deployment\)/mu],
  'countersign fix manifests/examples --workload billing/statements -o yaml > rbac.yaml': [1, /^$/u],
  'countersign fix manifests/examples -o yaml | kubectl apply -f -': [0, /countersign-statements created/u],
  'countersign doctor': [1, /^ok +api-server /mu],
  'countersign uninstall --context production': [0, /^mutatingwebhookconfigurations\/countersign: /mu],
};

/**
 * A server that goes on; a pod, of which test/node/doctor.test.ts has one; a refusal, of which the story of
 * docs/review.md and test/cluster/desk.test.ts have some.
 */
const ELSEWHERE = [
  /^countersign (?:serve|ui)\b/u,
  /^kubectl exec /u,
  /^countersign (?:grant|approve|reject|revoke|fix d-)/u,
];

let shell: CommandShell;
beforeAll(async () => {
  shell = await openCommandShell(cluster);
  await shell.run(
    'kubectl create namespace billing && kubectl config set-context production --cluster=test --user=test',
  );
});
afterAll(async () => {
  await shell?.run('kubectl delete namespace billing && kubectl config delete-context production');
  await shell?.remove();
});

async function examplesOf(command: string): Promise<readonly string[]> {
  const { out } = await countersign([command, '--help']);
  const [, examples = ''] = /\nExamples?:\n((?: {2}.+\n?)+)/u.exec(out) ?? [];
  return examples.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

describe('the examples of every --help', () => {
  it('are these', async () => {
    const { out } = await countersign(['--help']);
    const commands = [...out.matchAll(/^ {2}([a-z]+)(?: \[options\])?(?: <\S+>)? {2,}/gmu)];
    const examples = await Promise.all(commands.map(([, name = '']) => examplesOf(name)));

    expect(commands.length).toBeGreaterThan(5);
    expect(examples.flat().filter((line) => !ELSEWHERE.some((one) => one.test(line)))).toEqual(
      Object.keys(EXAMPLES),
    );
  });

  it.each(Object.entries(EXAMPLES))('%s', async (example, [code, prints]) => {
    const ended = await shell.run(example);

    expect(ended).toMatchObject({ code, out: expect.stringMatching(prints) });
  });
});
