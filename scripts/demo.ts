import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { createTwoFilesPatch } from 'diff';
import { applyPatch } from 'rfc6902';
import { stringify } from 'yaml';
import { asKubectl, patchOf } from '../src/cli/kubectl.ts';
import { readWorkload, type Workload } from '../src/core/admission/workload.ts';
import { isObject, type JsonObject, objectOf } from '../src/core/json.ts';
import { loadFolder } from '../src/facts/folder/folder.ts';
import { podOf, reviewOf } from './demo/reviews.ts';
import { type RunningWebhook, startWebhook } from './demo/webhook.ts';

/**
 * `npm run demo`: the real webhook on a folder of examples, and what happens to its workloads. Needs neither a cluster
 * nor Vault. `--serve` keeps it up.
 */

const EXAMPLES = 'manifests/examples';
const CONTROLLER = 'system:serviceaccount:kube-system:replicaset-controller';

const HELP = `usage: npm run demo [-- --serve]

Starts the webhook on ${EXAMPLES}, sends its workloads through, prints what comes back.

  --serve   keep the webhook up, and print a curl line to try it; Ctrl-C ends it`;

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--serve' && arg !== '--help');
if (unknown.length > 0 || args.includes('--help')) {
  console.log(unknown.length > 0 ? `unknown: ${unknown.join(' ')}\n${HELP}` : HELP);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  await demo(args.includes('--serve'));
}

async function demo(serve: boolean): Promise<void> {
  const began = performance.now();
  const webhook = await startWebhook(EXAMPLES);
  const interrupted = onInterrupt();
  try {
    const { workloads } = await loadFolder(EXAMPLES);
    const seen = { patched: 0, passed: 0, refused: 0 };
    for (const { object, file } of workloads) {
      const workload = readWorkload(object);
      if (workload === undefined) continue;
      // One after the other, as a person would read it.
      await show(webhook, { workload, object, file: relative(EXAMPLES, file) }, seen);
    }
    console.log(
      dim(
        `\n${((performance.now() - began) / 1000).toFixed(1)} s: ${seen.patched} pod patched, ${seen.passed} passed, ${seen.refused} refused`,
      ),
    );
    if (seen.patched === 0 || seen.passed === 0 || seen.refused === 0) process.exitCode = 1;
    if (serve) await keepUp(webhook, interrupted);
  } finally {
    await webhook.stop();
  }
}

interface Example {
  readonly workload: Workload;
  readonly object: JsonObject;
  readonly file: string;
}

async function show(
  webhook: RunningWebhook,
  { workload, object, file }: Example,
  seen: { patched: number; passed: number; refused: number },
): Promise<void> {
  console.log(
    `${bold(`\n$ kubectl apply -f ${file}`)}   ${dim(`${workload.kind} ${workload.namespace}/${workload.name} → ${webhook.url('change')}`)}`,
  );
  const answer = await webhook.post('change', reviewOf(object, workload, 'jane'));
  const lines = asKubectl(answer, 'change', file);
  if (objectOf(objectOf(answer)['response'])['allowed'] !== true) {
    seen.refused += 1;
    console.log(styleText('red', lines.join('\n')));
    return;
  }
  seen.passed += 1;
  console.log(
    [
      ...lines,
      `${workload.kind.toLowerCase()}.apps/${workload.name} created`,
      styleText('green', 'pass: it holds what it needs, and no more'),
    ].join('\n'),
  );
  await showPod(webhook, workload, seen);
}

async function showPod(
  webhook: RunningWebhook,
  workload: Workload,
  seen: { patched: number },
): Promise<void> {
  const pod = podOf(workload);
  const made = readWorkload(pod);
  if (made === undefined) return;
  const patch = patchOf(await webhook.post('inject', reviewOf(pod, made, CONTROLLER)));
  if (patch.length === 0) return;
  const patched: unknown = structuredClone(pod);
  applyPatch(patched, JSON.parse(JSON.stringify(patch)));
  if (!isObject(patched)) return;
  const whole = objectOf(await webhook.post('injected', reviewOf(patched, made, CONTROLLER)));
  if (objectOf(whole['response'])['allowed'] !== true)
    throw new Error(asKubectl(whole, 'injected', 'pod').join('\n'));
  seen.patched += 1;
  console.log(
    dim(
      `\nits pod, as the ReplicaSet controller makes it → ${webhook.url('inject')}: ${patch.length} operations, none of them a secret`,
    ),
  );
  console.log(
    colored(
      createTwoFilesPatch('pod as asked for', 'pod as admitted', stringify(pod), stringify(patched), '', '', {
        context: 2,
      }),
    ),
  );
}

function colored(diff: string): string {
  return diff
    .split('\n')
    .slice(1)
    .map((line) =>
      line.startsWith('+') ? styleText('green', line) : line.startsWith('-') ? styleText('red', line) : line,
    )
    .join('\n')
    .trimEnd();
}

async function keepUp(webhook: RunningWebhook, interrupted: Promise<void>): Promise<void> {
  const { workloads } = await loadFolder(EXAMPLES);
  for (const { object } of workloads) {
    const workload = readWorkload(object);
    if (workload === undefined) continue;
    const file = join(webhook.dir, `${workload.name}.json`);
    await writeFile(file, JSON.stringify(reviewOf(object, workload, 'jane')));
    console.log(
      `\ncurl -s --cacert ${webhook.caFile} -H 'content-type: application/json' --data @${file} ${webhook.url('change')}`,
    );
  }
  console.log(
    `\nhealth and metrics: curl -s http://localhost:${webhook.operationsPort}/readyz?verbose\n${bold('Ctrl-C ends it')}`,
  );
  await interrupted;
}

/** Ends the demo, and what it started, in order. */
function onInterrupt(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function bold(text: string): string {
  return styleText('bold', text);
}

function dim(text: string): string {
  return styleText('dim', text);
}
