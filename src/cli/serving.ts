import { createHandler } from '../admit/handler.ts';
import type { Config } from '../api/config.ts';
import { parseListenAddress } from '../config/address.ts';
import { injectionSettings } from '../config/injection.ts';
import { BUILT_IN_RESCHEDULERS } from '../core/admission/reschedulers.ts';
import { TEMPLATE_PATHS, type TemplatePaths } from '../core/admission/workload.ts';
import { CountersignError } from '../core/errors.ts';
import { NO_INJECTION } from '../core/inject/settings.ts';
import { type ClusterKeys, startKeys } from '../keys/keys.ts';
import { serveFromKeys } from '../keys/served.ts';
import { countBreakGlass } from '../scan/break-glass.ts';
import { type Caller, createCallerCheck, tlsOptionsFor } from '../server/caller.ts';
import { createGate } from '../server/gate.ts';
import { createLifecycle } from '../server/lifecycle.ts';
import { type ListenAddress, listen } from '../server/listen.ts';
import { buildOperations, type Check } from '../server/operations.ts';
import { installShutdown } from '../server/shutdown.ts';
import { type ServedCertificate, serveCertificate } from '../server/tls.ts';
import { buildWebhook } from '../server/webhook.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { startBackground } from './background.ts';
import { followConfig } from './follow-config.ts';
import { createMinting } from './minting.ts';
import type { Source } from './sources.ts';
import { VERSION } from './version.ts';

export interface Serving {
  readonly config: Config;
  /** Where it was read; absent where it is built in. */
  readonly configFile?: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly source: Source;
}

/** Puts the server together and runs it, until a signal ends the process. */
export async function startServing({ config, configFile, logger, metrics, source }: Serving): Promise<void> {
  const lifecycle = createLifecycle();
  const gate = createGate();
  const { facts, cluster } = source;
  const keys = keysOf({ config, logger, metrics, source });
  const certificate = await certificateOf({ config, logger, metrics }, keys?.followed);
  const caller = callerOf(config);
  const changing = keys && {
    segments: () => keys.followed.usable?.segments ?? [],
    injection: () => keys.followed.usable?.injection ?? [],
  };
  const settings = injectionSettings(config, changing?.injection) ?? NO_INJECTION;
  const minting = createMinting(config, logger, metrics);
  const alarms = minting && { settings, revoker: minting.revoker };
  const background = cluster && startBackground({ config, logger, metrics, facts, cluster, alarms, keys });
  watchFacts(metrics, source);
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
    caller: createCallerCheck(caller, changing?.segments),
    tls: { ...certificate.options, ...tlsOptionsFor(caller) },
    lifecycle,
    gate,
    logger,
    metrics,
  });
  const operations = buildOperations({
    checks: () => [...checksOf(source), ...keyChecks(keys)],
    lifecycle,
    metrics,
  });
  const followed =
    configFile === undefined ? undefined : followConfig({ file: configFile, config, logger, metrics });
  const stop = async () => {
    followed?.stop();
    certificate.stop();
    await background?.stop();
    await keys?.stop();
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

function watchFacts(metrics: Metrics, { facts, cluster }: Source): void {
  metrics.watch('factsAgeSeconds', () => facts.freshness().ageSeconds);
  metrics.watch('breakGlass', () => countBreakGlass(facts));
  if (cluster === undefined) return;
  const { ages, vaultStates } = cluster;
  metrics.watchEach('factsKindAgeSeconds', ages);
  metrics.watchEach('vaultFactsAgeSeconds', () =>
    vaultStates().map(({ name, ageSeconds }) => [name, ageSeconds] as const),
  );
  metrics.watchEach('vaultFactsFailing', () =>
    vaultStates().map(({ name, failing }) => [name, failing ? 1 : 0] as const),
  );
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

function keysOf({ config, logger, metrics, source }: Serving): ClusterKeys | undefined {
  if (config.keys === undefined) return undefined;
  if (source.cluster === undefined) throw new CountersignError('ERR_CONFIG', 'keys: needs a cluster');
  return startKeys({ config: config.keys, client: source.cluster.client, logger, metrics });
}

async function certificateOf(
  { config, ...parts }: Pick<Serving, 'config' | 'logger' | 'metrics'>,
  followed: ClusterKeys['followed'] | undefined,
): Promise<ServedCertificate> {
  const { clientCAFile } = config.webhook.caller;
  if (followed !== undefined && config.keys?.tls === 'SelfSigned')
    return serveFromKeys({ ...parts, followed, clientCAFile });
  return serveCertificate({ ...parts, source: certificateSource(config) });
}

/** A replica waits for the one that leads. */
function keyChecks(keys: ClusterKeys | undefined): readonly Check[] {
  if (keys === undefined) return [];
  const { usable, problem = 'taken up' } = keys.followed;
  const { problem: unknown } = keys.introduction;
  return [
    { name: 'keys', ok: usable !== undefined, detail: problem },
    { name: 'registrations', ok: unknown === undefined, detail: unknown ?? 'know this replica' },
  ];
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
