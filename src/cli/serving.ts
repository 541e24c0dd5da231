import { createHandler } from '../admit/handler.ts';
import type { Config } from '../api/config.ts';
import { parseListenAddress } from '../config/address.ts';
import { injectionSettings } from '../config/injection.ts';
import { BUILT_IN_RESCHEDULERS } from '../core/admission/reschedulers.ts';
import { CountersignError } from '../core/errors.ts';
import { NO_INJECTION } from '../core/inject/settings.ts';
import { type Caller, createCallerCheck, tlsOptionsFor } from '../server/caller.ts';
import { createGate } from '../server/gate.ts';
import { createLifecycle } from '../server/lifecycle.ts';
import { type ListenAddress, listen } from '../server/listen.ts';
import { buildOperations, type Check } from '../server/operations.ts';
import { installShutdown } from '../server/shutdown.ts';
import { serveCertificate } from '../server/tls.ts';
import { buildWebhook } from '../server/webhook.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Source } from './sources.ts';
import { VERSION } from './version.ts';

export interface Serving {
  readonly config: Config;
  readonly logger: Logger;
  readonly source: Source;
}

/** Puts the server together and runs it, until a signal ends the process. */
export async function startServing({ config, logger, source }: Serving): Promise<void> {
  const metrics = createMetrics({ version: VERSION, process: true });
  const lifecycle = createLifecycle();
  const gate = createGate();
  const certificate = await serveCertificate({ source: certificateSource(config), logger, metrics });
  const { facts } = source;
  const caller = callerOf(config);
  metrics.watch('factsAgeSeconds', () => facts.freshness().ageSeconds);
  const webhook = buildWebhook({
    handle: createHandler({
      facts,
      settings: injectionSettings(config) ?? NO_INJECTION,
      factsMaxAgeSeconds: config.factsMaxAgeSeconds,
      reschedulers: [...BUILT_IN_RESCHEDULERS, ...config.reschedulers],
      live: source.live,
    }),
    caller: createCallerCheck(caller),
    tls: { ...certificate.options, ...tlsOptionsFor(caller) },
    lifecycle,
    gate,
    logger,
    metrics,
  });
  const operations = buildOperations({ checks: () => checksOf(source), lifecycle, metrics });
  installShutdown({
    lifecycle,
    servers: [webhook, operations],
    inFlight: () => gate.inFlight,
    async stop() {
      certificate.stop();
      await source.stop();
    },
    logger,
    graceSeconds: config.shutdown.graceSeconds,
    signals: process,
    exit: (code) => process.exit(code),
  });
  const operationsPort = await listen(operations, addressOf(config.operations.address));
  const webhookPort = await listen(webhook, addressOf(config.webhook.address));
  certificate.follow(webhook.server);
  logger.info('serving', {
    version: VERSION,
    webhookPort,
    operationsPort,
    vaults: Object.keys(config.vaults),
  });
}

function checksOf({ facts, complaints }: Source): readonly Check[] {
  const { synced, ageSeconds } = facts.freshness();
  const wrong = complaints();
  const detail =
    wrong.length > 0
      ? wrong.join('; ')
      : synced
        ? `${Math.round(ageSeconds)} s old`
        : 'first lists under way';
  return [{ name: 'facts', ok: synced, detail }];
}

function certificateSource({ webhook }: Config): Parameters<typeof serveCertificate>[0]['source'] {
  const { certFile, keyFile, selfSigned } = webhook.tls;
  if (selfSigned || certFile === undefined || keyFile === undefined) return 'self-signed';
  return { certFile, keyFile, clientCAFile: webhook.caller.clientCAFile };
}

function callerOf({ webhook }: Config): Caller {
  const { mode, segment, previousSegment, allowedNames = [] } = webhook.caller;
  return mode === 'mtls'
    ? { mode, allowedNames, segment, previousSegment }
    : { mode, segment: segment ?? '', previousSegment };
}

function addressOf(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw new CountersignError('ERR_CONFIG', `${text}: expected HOST:PORT`);
  return address;
}
