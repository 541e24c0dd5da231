import { createHandler } from '../admit/handler.ts';
import type { Config } from '../api/config.ts';
import { parseListenAddress } from '../config/address.ts';
import { injectionSettings } from '../config/injection.ts';
import { BUILT_IN_RESCHEDULERS } from '../core/admission/reschedulers.ts';
import { TEMPLATE_PATHS, type TemplatePaths } from '../core/admission/workload.ts';
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
import { startBackground } from './background.ts';
import { createMinting } from './minting.ts';
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
  const { facts, cluster } = source;
  const caller = callerOf(config);
  const settings = injectionSettings(config) ?? NO_INJECTION;
  const minting = createMinting(config, logger);
  const alarms = minting && { settings, revoker: minting.revoker };
  const background = cluster && startBackground({ config, logger, metrics, facts, cluster, alarms });
  metrics.watch('factsAgeSeconds', () => facts.freshness().ageSeconds);
  const webhook = buildWebhook({
    handle: createHandler({
      facts,
      settings,
      minter: minting?.minter,
      factsMaxAgeSeconds: config.factsMaxAgeSeconds,
      now: Date.now,
      reschedulers: [...BUILT_IN_RESCHEDULERS, ...config.reschedulers],
      templatePaths: templatePathsOf(config),
      live: cluster?.live,
      onDecision: background?.onDecision,
    }),
    caller: createCallerCheck(caller),
    tls: { ...certificate.options, ...tlsOptionsFor(caller) },
    lifecycle,
    gate,
    logger,
    metrics,
  });
  const operations = buildOperations({ checks: () => checksOf(source), lifecycle, metrics });
  const stop = async () => {
    certificate.stop();
    await background?.stop();
    await minting?.stop();
    await source.stop();
  };
  installShutdown({
    lifecycle,
    servers: [webhook, operations],
    inFlight: () => gate.inFlight,
    stop,
    logger,
    graceSeconds: config.shutdown.graceSeconds,
    signals: process,
    exit: (code) => process.exit(code),
  });
  const listening = async () => ({
    operationsPort: await listen(operations, addressOf(config.operations.address)),
    webhookPort: await listen(webhook, addressOf(config.webhook.address)),
  });
  const ports = await listening().catch(async (error: unknown) => {
    // Watches and timers would keep the process for ever.
    await Promise.all([stop(), operations.close(), webhook.close()]);
    throw error;
  });
  certificate.follow(webhook.server);
  logger.info('serving', {
    version: VERSION,
    ...ports,
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

/** A built-in kind stays what it is. */
function templatePathsOf({ workloadKinds }: Config): TemplatePaths {
  const further = workloadKinds.map(({ kind, template }) => [kind, template.split('.')] as const);
  return { ...Object.fromEntries(further), ...TEMPLATE_PATHS };
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
