import { type JsonObject, objectOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { refusalOf } from '../kube/refusal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ownEntries, type Registration, registrationPatch } from './registration.ts';

/** The two webhook configurations, read and put right by the leader. Nothing is ever created. */
export interface Registrations {
  /** As they are now; `undefined` where it cannot be known. One that is not there is left out. */
  read(signal: AbortSignal): Promise<readonly JsonObject[] | undefined>;
  putRight(wanted: Registration, signal: AbortSignal): Promise<void>;
  /** How many of the two are absent, hold nothing of ours, or could not be read or patched. */
  readonly wrong: number;
}

export const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;
export type ConfigurationResource = (typeof CONFIGURATIONS)[number];

export interface RegistrationsOptions {
  readonly client: KubeClient;
  /** Of both. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly onHealed: (resource: ConfigurationResource) => void;
}

export const ADMISSION_PATH = '/apis/admissionregistration.k8s.io/v1';

export function createRegistrations({ client, name, log, onHealed }: RegistrationsOptions): Registrations {
  const states = CONFIGURATIONS.map((resource) => ({
    resource,
    object: undefined as JsonObject | undefined,
    /** What is wrong; told once. */
    problem: undefined as string | undefined,
    /** What was wanted when all was last as it should be. */
    right: undefined as string | undefined,
    healed: false,
  }));
  type State = (typeof states)[number];

  const pathOf = ({ resource }: State) => `${ADMISSION_PATH}/${resource}/${name}`;

  function find(state: State, problem: string | undefined): void {
    if (problem !== undefined && problem !== state.problem)
      log.error('a webhook configuration is not as it should be', { configuration: state.resource, problem });
    if (problem === undefined && state.problem !== undefined)
      log.info('a webhook configuration is as it should be again', { configuration: state.resource });
    state.problem = problem;
  }

  async function load(state: State, signal: AbortSignal): Promise<void> {
    state.object = undefined;
    try {
      state.object = objectOf(await client.get(pathOf(state), { signal }));
    } catch (error) {
      find(state, problemOf(error));
      return;
    }
    if (ownEntries(state.object).length === 0) find(state, EMPTY);
  }

  async function mend(state: State, wanted: Registration, signal: AbortSignal): Promise<void> {
    if (state.object === undefined || ownEntries(state.object).length === 0) return;
    const patch = registrationPatch(state.object, wanted);
    const { bundle, segments } = wanted;
    const known = segments.known || segments.previous === undefined;
    const wish = JSON.stringify([bundle, segments.current, known]);
    if (patch.length === 0) {
      state.right = wish;
      find(state, undefined);
      return;
    }
    const path = pathOf(state);
    const options = { contentType: 'application/json-patch+json', query: FIELD_MANAGER, signal };
    try {
      state.object = objectOf(await client.patch(path, patch, options));
    } catch (error) {
      find(state, problemOf(error));
      return;
    }
    find(state, undefined);
    if (state.right === wish) heal(state);
    else log.info('registered', { configuration: state.resource });
    state.right = wish;
  }

  function heal(state: State): void {
    onHealed(state.resource);
    if (state.healed) return;
    state.healed = true;
    log.warn(
      'somebody else had changed caBundle or path of a webhook configuration: put back, from now on without a word',
      {
        configuration: state.resource,
      },
    );
  }

  return {
    async read(signal) {
      await Promise.all(states.map((state) => load(state, signal)));
      if (states.some(({ object, problem }) => object === undefined && problem !== ABSENT)) return undefined;
      return states.map(({ object }) => object).filter((object) => object !== undefined);
    },
    async putRight(wanted, signal) {
      await Promise.all(states.map((state) => mend(state, wanted, signal)));
    },
    get wrong() {
      return states.filter(({ problem }) => problem !== undefined).length;
    },
  };
}

const FIELD_MANAGER = { fieldManager: 'countersign' };
const EMPTY = 'no webhook of ours in it calls a service';
const ABSENT = 'it is not there: nothing of it is enforced, and it is not made anew';

function problemOf(error: unknown): string {
  if (refusalOf(error)?.code === 404) return ABSENT;
  return error instanceof Error ? error.message : 'unexpected failure';
}
