import type { ServerOptions } from 'node:https';
import type { Handle } from '../../src/admit/handler.ts';
import { type CallerCheck, createCallerCheck } from '../../src/server/caller.ts';
import { createGate, type GateLimits } from '../../src/server/gate.ts';
import { createLifecycle } from '../../src/server/lifecycle.ts';
import { buildWebhook } from '../../src/server/webhook.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { captureLog } from './log.ts';

export interface WebhookSetup {
  readonly handle?: Handle;
  readonly caller?: CallerCheck;
  readonly tls?: ServerOptions;
  readonly limits?: GateLimits;
}

/** The webhook with everything around it that a test wants to see. */
export function setUpWebhook({ handle = allowEverything, caller, tls = {}, limits }: WebhookSetup = {}) {
  const log = captureLog();
  const metrics = createMetrics({ version: 'test' });
  const lifecycle = createLifecycle();
  const gate = createGate(limits);
  const app = buildWebhook({
    handle,
    caller: caller ?? createCallerCheck({ mode: 'path', segment: 'door' }),
    tls,
    lifecycle,
    gate,
    logger: log.logger,
    metrics,
  });
  return { app, log, metrics, lifecycle, gate };
}

/** Stands in for the decision: allows whatever carries a uid. */
export const allowEverything: Handle = async (endpoint, body) => {
  const uid = (body as { request?: { uid?: unknown } } | null)?.request?.uid;
  const known = typeof uid === 'string' ? uid : '';
  return {
    review: {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: known, allowed: known !== '' },
    },
    record: {
      endpoint,
      uid: known,
      operation: 'CREATE',
      kind: 'Pod',
      namespace: 'shop',
      name: 'api',
      requester: 'alice',
      verdict: known === '' ? 'error' : 'allow',
      codes: [],
      responseCode: known === '' ? 400 : 200,
      dryRun: false,
    },
  };
};

export const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

/** A review as the API server writes it, with this in place of the object. */
export function reviewText(object = '{}'): string {
  return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"${UID}","object":${object}}}`;
}
