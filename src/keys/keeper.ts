import { CountersignError } from '../core/errors.ts';
import { type JsonObject, objectOf } from '../core/json.ts';
import { backoffMs } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { refusalOf } from '../kube/refusal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { askedFor, remaining } from './asked.ts';
import { type Keys, readContents } from './contents.ts';
import { dueSteps, type Settled, type Step } from './due.ts';
import type { FollowedKeys } from './follow.ts';
import { lostParts } from './lost.ts';
import { bundleOf, type Change, takeStep } from './make.ts';
import { calls, trusts } from './registration.ts';
import type { Registrations } from './registrations.ts';
import { encodedOf, patchOf } from './secret-patch.ts';
import { createSettling, type Settling } from './settling.ts';
import { createWake, type Wake } from './wake.ts';

/** What the leader does for the Secret of keys: fills it, rotates what it holds, and has both registrations follow. */
export interface KeeperOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Names of the served certificate; `undefined`: certificates are somebody else's. */
  readonly names: readonly string[] | undefined;
  readonly settleMs: number;
  readonly followed: Pick<FollowedKeys, 'remembered'>;
  readonly registrations: Registrations;
  readonly clock: Clock;
  readonly random: () => number;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface Keeper {
  /** Something has changed: look now, not only in a minute. */
  readonly wake: () => void;
  /** The work of a leader. Never throws: whatever fails is tried again. */
  run(signal: AbortSignal): Promise<void>;
}

/** What nobody tells of is seen by then. */
const LOOK_MS = 60_000;
/** A tool that undoes what we do is not answered more often than that. */
const GAP_MS = 1000;
/** So that a mistake in here can never become a loop without an end. */
const MOST_STEPS = 10;

interface Round extends KeeperOptions {
  readonly settling: Settling;
  readonly signal: AbortSignal;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { clock, random, log, settleMs } = options;
  const wake: Wake = createWake(clock);
  return {
    wake: wake.wake,
    async run(signal) {
      const round: Round = { ...options, settling: createSettling(clock, settleMs), signal };
      let failures = 0;
      let told = '';
      while (!signal.aborted) {
        try {
          await look(round);
          failures = 0;
          told = '';
          await sleep(clock, GAP_MS, signal);
          await wake.wait(Math.min(LOOK_MS, settleMs), signal);
        } catch (error) {
          if (signal.aborted) return;
          failures += 1;
          const failure = textOfError(error);
          if (failure !== told && refusalOf(error)?.code !== 409)
            log.error('keys could not be seen to', { failure });
          told = failure;
          await sleep(clock, backoffMs(failures, random()), signal);
        }
      }
    },
  };
}

/** Until there is nothing more that can be done at once. */
async function look(round: Round): Promise<void> {
  const { registrations, signal } = round;
  let secret = objectOf(await round.client.get(pathOf(round), { signal }));
  for (let steps = 0; steps < MOST_STEPS && !signal.aborted; steps += 1) {
    const { keys } = readContents(secret['data']);
    const registered = await registrations.read(signal);
    const settled = settledOf(round, secret, registered);
    const segments = { current: keys.path.current, previous: keys.path.previous, known: settled.contents };
    if (complete(keys, round)) {
      const bundle = round.names === undefined ? undefined : bundleOf(keys.authorities).toString('utf8');
      const { current = '' } = segments;
      await registrations.putRight({ bundle, segments: { ...segments, current } }, signal);
    }
    const next = await advance(round, secret, settled);
    if (next === undefined) return;
    secret = next;
  }
}

/** Nothing is registered before it can be served. */
function complete({ leaf, path, injection }: Keys, { names }: Round): boolean {
  return (
    (names === undefined || leaf !== undefined) &&
    path.current !== undefined &&
    injection.current !== undefined
  );
}

/** @returns the Secret as it is then; `undefined` when nothing was due */
async function advance(round: Round, secret: JsonObject, settled: Settled): Promise<JsonObject | undefined> {
  const { client, followed, names, log, signal } = round;
  const data = objectOf(secret['data']);
  const lost = lostParts(data, followed, names !== undefined);
  if (lost.parts.length > 0) {
    log.warn('what the Secret of keys has lost is put back', { parts: lost.parts });
    return objectOf(await client.patch(pathOf(round), patchOf(secret, lost.data), { signal }));
  }
  const { keys } = readContents(data);
  const asked = askedFor(secret);
  const now = round.now();
  const steps = dueSteps(keys, { now, settled, asked, names });
  if (steps.length === 0) return undefined;
  const changes = await Promise.all(steps.map((step) => takeStep(step, keys, { now, names: names ?? [] })));
  const encoded = encodedOf(Object.assign({}, ...changes) as Change);
  const body = patchOf(secret, encoded, remaining(asked, steps));
  const written = objectOf(await client.patch(pathOf(round), body, { signal }));
  for (const step of steps) log.info(SAID[step]);
  return written;
}

const SAID: Readonly<Record<Step, string>> = {
  MakeAuthority: 'keys: a new CA',
  DropAuthorities: 'keys: an old CA has left the bundle',
  IssueLeaf: 'keys: a new certificate',
  MakePath: 'keys: a new segment for the paths',
  DropPath: 'keys: the old segment is no longer accepted',
  MakeInjection: 'keys: a new key for injected parts',
  NextInjection: 'keys: the next key for injected parts is accepted',
  UseInjection: 'keys: the next key for injected parts signs',
};

function settledOf(
  { settling, names }: Round,
  secret: JsonObject,
  registered: readonly JsonObject[] | undefined,
): Settled {
  const { keys } = readContents(secret['data']);
  const { authorities, path } = keys;
  const segment = path.current ?? '';
  const bundle = authorities.map(({ pem }) => pem).join();
  const trusted = names === undefined || registered?.every((one) => trusts(one, authorities)) === true;
  const called = registered?.every((one) => calls(one, segment)) === true;
  return {
    contents: settling.settled('contents', JSON.stringify(secret['data'] ?? {}), true),
    bundle: settling.settled('bundle', bundle, trusted),
    path: settling.settled('path', segment, called),
  };
}

function pathOf({ namespace, name }: KeeperOptions): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

function textOfError(error: unknown): string {
  return error instanceof CountersignError ? error.message : 'unexpected failure';
}
