import { readWorkload, type Workload } from '../../src/core/admission/workload.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { podOf, reviewOf } from '../demo/reviews.ts';
import { type Random, randomOf } from './random.ts';
import { ownPolicy, rulesOfPolicy } from './vault-made.ts';
import { makeWorkload } from './workloads.ts';
import { accountName, namespaceOf, type WorldSize } from './world.ts';

/** Somebody applies the workload of the account: it needs something in Vault, and every second one asks to be given it. */
export function changeReview(size: WorldSize, account: number): string {
  const { object, workload } = withVault(size, account, randomOf('asks', account)() < 0.5);
  return JSON.stringify(reviewOf(object, workload, 'jane'));
}

/** A controller makes a pod of it, which asks for credentials. */
export function injectReview(size: WorldSize, account: number): string {
  const pod = podOf(withVault(size, account, true).workload);
  const workload = readWorkload(pod);
  if (workload === undefined) throw new Error('made no pod');
  return JSON.stringify(reviewOf(pod, workload, 'system:serviceaccount:kube-system:replicaset-controller'));
}

function withVault(
  size: WorldSize,
  account: number,
  asks: boolean,
): { readonly object: JsonObject; readonly workload: Workload } {
  const { object } = makeWorkload(size, 2 * account);
  const annotate = (template: JsonObject): JsonObject => {
    const metadata = objectOf(template['metadata']);
    const before = objectOf(metadata['annotations']);
    const needs = [textOf(before['countersign.dev/needs']) ?? '', ...needsOf(size, account)];
    const annotations = {
      ...before,
      'countersign.dev/needs': needs.filter((line) => line !== '').join('\n'),
      ...(asks && credentialsOf(size, account)),
    };
    return { ...template, metadata: { ...metadata, annotations } };
  };
  const changed = atTemplate(object, annotate);
  const workload = readWorkload(changed);
  if (workload === undefined) throw new Error('made no workload');
  return { object: changed, workload };
}

/** The pod template is at `spec.template`, or one `jobTemplate` further down. */
function atTemplate(object: JsonObject, change: (template: JsonObject) => JsonObject): JsonObject {
  const spec = objectOf(object['spec']);
  const { template, jobTemplate } = spec;
  if (isObject(jobTemplate)) {
    return { ...object, spec: { ...spec, jobTemplate: atTemplate(jobTemplate, change) } };
  }
  return { ...object, spec: { ...spec, template: change(objectOf(template)) } };
}

function credentialsOf(size: WorldSize, account: number): JsonObject {
  const app = accountName(ownPolicy(account));
  return {
    'countersign.dev/inject': 'true',
    'countersign.dev/credential.db': `secret/data/${namespaceOf(size, account)}/${app}/db`,
    'countersign.dev/file.password': 'db.password',
  };
}

/** Most of what the account's own policy gives, now and then something that it does not. */
function needsOf(size: WorldSize, account: number): readonly string[] {
  const random = randomOf('vault needs', account);
  const careful = random() < 0.6;
  const given = rulesOfPolicy(size, ownPolicy(account)).filter(
    ({ capabilities }) => !capabilities.includes('deny') && (careful || random() < 0.7),
  );
  const lines = given.map(({ path, capabilities }) => `vault ${capabilities.join(',')} ${path}`);
  return [...lines, ...strange(random)];
}

function strange(random: Random): readonly string[] {
  return random() < 0.1 ? ['vault read secret/data/elsewhere/db'] : [];
}
