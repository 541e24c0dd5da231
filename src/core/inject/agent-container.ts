import { type Json, type JsonObject, objectOf } from '../json.ts';
import {
  AGENT_CONTAINER,
  CONFIG_VARIABLE,
  ENV_PATH,
  ENV_VOLUME,
  FILES_PATH,
  FILES_VOLUME,
  INIT_CONTAINER,
  RESTART_EXIT_CODE,
  STATE_PATH,
  STATE_VOLUME,
  TOKEN_FILE,
  TOKEN_PATH,
  TOKEN_VOLUME,
  WRAPPING_VARIABLE,
} from './names.ts';
import { largest } from './quantity.ts';
import type { AgentResources, InjectionSettings, VaultConnection } from './settings.ts';
import { ENV_MEBIBYTES, FILES_MEBIBYTES, STATE_MEBIBYTES } from './sizes.ts';

/** The agent's bundle in its image, run by the image's own Node: no shell, no entrypoint to rely on. */
const COMMAND = [
  '/nodejs/bin/node',
  // No child processes, workers, addons or inspector. Narrower lists of paths would forbid the symlink of the swap.
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  '--disallow-code-generation-from-strings',
  // Small heaps, and nothing compiled to machine code: the agent is idle nearly all of its life. (npm run bench)
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--jitless',
  '/app/agent.cjs',
];

/** Where no login is allowed there is no token, only something in the place where the API token would be mounted. */
const NOTHING = '4Ki';
/**
 * Least cpu limit of a sidecar in a Guaranteed pod. It runs as long as the pod, so all of it is set aside; with less a
 * login would take seconds.
 */
const SIDECAR_CPU = '50m';
/**
 * 0444: the mounts decide who reads. Where the kubelet knows the user it makes the token 0600 and that
 * user's.
 */
const READ_ONLY = 0o444;

export interface AgentChoices {
  /** Value of the configuration variable. */
  readonly config: string;
  /** `undefined`: left to the platform. */
  readonly runAsUser: number | undefined;
  /**
   * `undefined`: the pod is not of class Guaranteed; else what cpu it has to spare for a container that runs
   * first.
   */
  readonly guaranteedCpu: Json | undefined;
  /** Volumes that are there. */
  readonly files: boolean;
  readonly env: boolean;
  /** A changed variable restarts the containers of the pod. */
  readonly restarts: boolean;
  /** The agent may log in with the token of the service account. */
  readonly logsIn: boolean;
  /** For init alone. */
  readonly wrappingToken: string | undefined;
}

/** The container that logs in, writes everything once and exits. */
export function initContainer(choices: AgentChoices, settings: InjectionSettings): JsonObject {
  return {
    name: INIT_CONTAINER,
    ...program('init', choices, settings, wrappingEntries(choices)),
    resources: resources(settings.resources, choices.guaranteedCpu),
  };
}

/** The native sidecar (KEP-753) that takes over. It starts when the init container has written, so no probe gates it. */
export function sidecarContainer(choices: AgentChoices, settings: InjectionSettings): JsonObject {
  const { guaranteedCpu, restarts } = choices;
  const cpu = guaranteedCpu === undefined ? undefined : SIDECAR_CPU;
  return {
    name: AGENT_CONTAINER,
    ...program('run', choices, settings),
    restartPolicy: 'Always',
    ...(restarts && { restartPolicyRules: [RESTART_ALL] }),
    resources: resources(settings.resources, cpu),
  };
}

/** KEP-5532: all containers start anew, init containers too, and kubelet reads the env file again. */
const RESTART_ALL: JsonObject = {
  action: 'RestartAllContainers',
  exitCodes: { operator: 'In', values: [RESTART_EXIT_CODE] },
};

function wrappingEntries({ wrappingToken }: AgentChoices): readonly JsonObject[] {
  return wrappingToken === undefined ? [] : [{ name: WRAPPING_VARIABLE, value: wrappingToken }];
}

/** What both have in common. */
function program(
  command: string,
  choices: AgentChoices,
  settings: InjectionSettings,
  variables: readonly JsonObject[] = [],
): JsonObject {
  return {
    image: settings.agentImage,
    imagePullPolicy: settings.imagePullPolicy,
    command: COMMAND,
    args: [command],
    env: [{ name: CONFIG_VARIABLE, value: choices.config }, ...variables],
    volumeMounts: [
      { name: TOKEN_VOLUME, mountPath: TOKEN_PATH, readOnly: true },
      { name: STATE_VOLUME, mountPath: STATE_PATH },
      ...(choices.files ? [{ name: FILES_VOLUME, mountPath: FILES_PATH }] : []),
      ...(choices.env ? [{ name: ENV_VOLUME, mountPath: ENV_PATH }] : []),
    ],
    // The message is the agent's line of cause; the log stands in where the agent itself could not start.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: securityContext(choices.runAsUser),
  };
}

/** Pod Security "restricted" (pod-security-admission/policy), and a root that can't be written. */
function securityContext(runAsUser: number | undefined): JsonObject {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    ...(runAsUser !== undefined && { runAsUser }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * With the request as its limit the agent would take many seconds to start, so it takes what costs nothing.
 */
function resources({ requests, limits }: AgentResources, spare: Json | undefined): JsonObject {
  if (spare !== undefined) {
    const both = { cpu: limits.cpu ?? largest(requests.cpu, spare), memory: limits.memory };
    return { requests: both, limits: both };
  }
  const { cpu } = limits;
  return {
    requests: { cpu: requests.cpu, memory: requests.memory },
    limits: { ...(cpu !== undefined && { cpu }), memory: limits.memory },
  };
}

export function volumes(
  { audience, tokenExpirationSeconds }: VaultConnection,
  { files, env, logsIn }: Pick<AgentChoices, 'files' | 'env' | 'logsIn'>,
): readonly JsonObject[] {
  const serviceAccountToken = { audience, expirationSeconds: tokenExpirationSeconds, path: TOKEN_FILE };
  return [
    logsIn
      ? { name: TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken }], defaultMode: READ_ONLY } }
      : inMemory(TOKEN_VOLUME, NOTHING),
    inMemory(STATE_VOLUME, `${STATE_MEBIBYTES}Mi`),
    ...(files ? [inMemory(FILES_VOLUME, `${FILES_MEBIBYTES}Mi`)] : []),
    ...(env ? [inMemory(ENV_VOLUME, `${ENV_MEBIBYTES}Mi`)] : []),
  ];
}

function inMemory(name: string, sizeLimit: string): JsonObject {
  return { name, emptyDir: { medium: 'Memory', sizeLimit } };
}

export function consumerMount(): JsonObject {
  return { name: FILES_VOLUME, mountPath: FILES_PATH, readOnly: true };
}

/**
 * The user of all the containers that get something, so that a token of mode 0600 is readable to the agent
 * too; where they have none in common, or root, the configured one.
 */
export function commonUser(
  spec: JsonObject,
  consumers: readonly JsonObject[],
  settings: InjectionSettings,
): number | undefined {
  if (settings.runAsUser === undefined) return undefined;
  const podUser = objectOf(spec['securityContext'])['runAsUser'];
  const users = new Set(
    consumers.map((container) => objectOf(container['securityContext'])['runAsUser'] ?? podUser),
  );
  const [user] = users;
  const common = users.size === 1 && typeof user === 'number' && Number.isSafeInteger(user) && user > 0;
  return common ? user : settings.runAsUser;
}
