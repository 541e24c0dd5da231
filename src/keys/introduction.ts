import { type JsonObject, objectOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { unless } from '../kube/refusal.ts';
import type { FollowedKeys, UsableKeys } from './follow.ts';
import { ownEntries } from './registration.ts';
import { ADMISSION_PATH, CONFIGURATIONS } from './registrations.ts';

/**
 * Whether the API server could call this replica: each registration that there is trusts the certificate that is served
 * and calls by a segment that is accepted. The one that leads enters both, and until then an install is not over, whatever
 * the Secret holds from before. Found so once is enough: what a tool overwrites later takes no replica away.
 */
export interface Introduction {
  /** What is missing; `undefined` from when nothing is. */
  readonly problem: string | undefined;
  /** Until nothing is missing. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface IntroductionOptions {
  readonly client: Pick<KubeClient, 'get'>;
  /** Of both webhook configurations. */
  readonly name: string;
  readonly followed: Pick<FollowedKeys, 'usable'>;
  readonly clock: Clock;
}

const LOOK_MS = 500;

export function createIntroduction({ client, name, followed, clock }: IntroductionOptions): Introduction {
  let problem: string | undefined = 'not read yet';

  async function look(signal: AbortSignal): Promise<string | undefined> {
    const { usable } = followed;
    if (usable === undefined) return 'waiting for the keys';
    for (const resource of CONFIGURATIONS) {
      const path = `${ADMISSION_PATH}/${resource}/${name}`;
      const configuration = await unless([404], client.get(path, { signal }));
      // One that is not there calls nobody.
      if (configuration !== undefined && !knows(objectOf(configuration), usable))
        return `${resource} ${name}: the replica that leads has not entered CA and path yet`;
    }
    return undefined;
  }

  return {
    get problem() {
      return problem;
    },
    async run(signal) {
      while (problem !== undefined && !signal.aborted) {
        problem = await look(signal).catch((error: unknown) =>
          error instanceof Error ? error.message : 'unexpected failure',
        );
        if (problem !== undefined) await sleep(clock, LOOK_MS, signal);
      }
    },
  };
}

function knows(configuration: JsonObject, { tls, segments }: UsableKeys): boolean {
  return ownEntries(configuration).every(
    ({ endpoint, bundle, path }) =>
      segments.some((segment) => path === `/${endpoint}/${segment}`) &&
      (tls === undefined || bundle.includes(tls.authority)),
  );
}
