import { type Json, type JsonObject, objectOf } from '../json.ts';
import {
  CONFIG_VARIABLE,
  FILES_PATH,
  FILES_VOLUME,
  INIT_CONTAINER,
  STATE_PATH,
  STATE_VOLUME,
  TOKEN_FILE,
  TOKEN_PATH,
  TOKEN_VOLUME,
} from './names.ts';
import { largest } from './quantity.ts';
import type { AgentResources, InjectionSettings, VaultConnection } from './settings.ts';

/** The agent's bundle in its image, run by the image's own Node: no shell, no entrypoint to rely on. */
const COMMAND = ['/nodejs/bin/node', '/app/agent.cjs'];

/** Room for files: each set is written beside the old one before it takes its place. */
const FILES_SIZE = '4Mi';
const STATE_SIZE = '1Mi';
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
}

/** The container that logs in, writes the files once and exits. */
export function initContainer(choices: AgentChoices, settings: InjectionSettings): JsonObject {
  return {
    name: INIT_CONTAINER,
    image: settings.agentImage,
    imagePullPolicy: settings.imagePullPolicy,
    command: COMMAND,
    args: ['init'],
    env: [{ name: CONFIG_VARIABLE, value: choices.config }],
    resources: resources(settings.resources, choices.guaranteedCpu),
    volumeMounts: [
      { name: TOKEN_VOLUME, mountPath: TOKEN_PATH, readOnly: true },
      { name: STATE_VOLUME, mountPath: STATE_PATH },
      { name: FILES_VOLUME, mountPath: FILES_PATH },
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

export function volumes({ audience, tokenExpirationSeconds }: VaultConnection): readonly JsonObject[] {
  const serviceAccountToken = { audience, expirationSeconds: tokenExpirationSeconds, path: TOKEN_FILE };
  return [
    { name: TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken }], defaultMode: READ_ONLY } },
    { name: STATE_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: STATE_SIZE } },
    { name: FILES_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: FILES_SIZE } },
  ];
}

export function consumerMount(): JsonObject {
  return { name: FILES_VOLUME, mountPath: FILES_PATH, readOnly: true };
}

/**
 * The user of all the containers that read the files, so that a token of mode 0600 is readable to the agent
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
