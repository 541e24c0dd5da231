import { readWorkload, type Workload } from '../../src/core/admission/workload.ts';
import type { JsonObject } from '../../src/core/json.ts';

export interface WorkloadOptions {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly account?: string;
  readonly annotations?: JsonObject;
  readonly metadata?: JsonObject;
  readonly podSpec?: JsonObject;
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Pod: 'v1',
  ReplicationController: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
};

/** A workload object as a person would apply it. */
export function workloadObject(options: WorkloadOptions = {}): JsonObject {
  const { kind = 'Deployment', name = 'api', namespace = 'shop', account = 'api' } = options;
  const spec = {
    serviceAccountName: account,
    containers: [{ name: 'app', image: 'app:1' }],
    ...options.podSpec,
  };
  const own = { apiVersion: API_VERSIONS[kind] ?? 'apps/v1', kind };
  const metadata = { name, namespace, ...options.metadata };
  const annotations = options.annotations ?? {};
  if (kind === 'Pod') return { ...own, metadata: { ...metadata, annotations }, spec };
  const template = { metadata: { annotations, labels: { app: name } }, spec };
  if (kind === 'CronJob')
    return { ...own, metadata, spec: { schedule: '@daily', jobTemplate: { spec: { template } } } };
  return { ...own, metadata, spec: { ...selectorOf(kind, { app: name }), template } };
}

/** As the API server takes it: a Job selects by itself. */
function selectorOf(kind: string, labels: JsonObject): JsonObject {
  if (kind === 'Job') return {};
  return { selector: kind === 'ReplicationController' ? labels : { matchLabels: labels } };
}

export function workload(options: WorkloadOptions = {}): Workload {
  const read = readWorkload(workloadObject(options));
  if (read === undefined) throw new Error(`no workload: ${JSON.stringify(options)}`);
  return read;
}
