/**
 * Names and places in a pod that belong to injection. Validator, agent and documentation rely on them: they
 * never change.
 */

/** Every volume of ours starts so, and no other volume of a pod may. */
export const VOLUME_PREFIX = 'countersign-';
/** The pod's own service-account token, projected for Vault's audience. */
export const TOKEN_VOLUME = 'countersign-token';
/** Vault token and leases, for our own containers alone. */
export const STATE_VOLUME = 'countersign-state';
/** What the consumers read. */
export const FILES_VOLUME = 'countersign-files';

/** The env file, for our own containers and kubelet alone. */
export const ENV_VOLUME = 'countersign-env';

export const INIT_CONTAINER = 'countersign-init';
/** The native sidecar, where something has to be renewed or read again. */
export const AGENT_CONTAINER = 'countersign-agent';
/** Names of containers that only Countersign may use. */
export const OUR_CONTAINERS: readonly string[] = [INIT_CONTAINER, AGENT_CONTAINER];

/**
 * Where the API token would be: the API server's ServiceAccount plugin mounts none where something is mounted
 * already.
 */
export const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The token's file in `TOKEN_PATH`. */
export const TOKEN_FILE = 'token';
export const STATE_PATH = '/var/run/countersign/state';
export const ENV_PATH = '/var/run/countersign/env';
/** The file in `ENV_PATH`, and in the volume. */
export const ENV_FILE = 'env';
export const FILES_PATH = '/var/run/secrets/countersign.dev';
/** The file in `FILES_PATH` that holds the Vault token, when it is asked for. */
export const VAULT_TOKEN_FILE = 'token';

/** The variable that holds the Vault token, when it is asked for as one. */
export const VAULT_TOKEN_VARIABLE = 'VAULT_TOKEN';
/** With this exit code the sidecar asks kubelet to restart all containers of the pod (KEP-5532). */
export const RESTART_EXIT_CODE = 88;

/** The environment variable that holds the agent's configuration. */
export const CONFIG_VARIABLE = 'COUNTERSIGN_AGENT_CONFIG';
/** That of the init container alone which holds the wrapping token, where the pod is given one. */
export const WRAPPING_VARIABLE = 'COUNTERSIGN_WRAPPING_TOKEN';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
