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

export const INIT_CONTAINER = 'countersign-init';
/** Names of containers that only Countersign may use. */
export const OUR_CONTAINERS: readonly string[] = [INIT_CONTAINER, 'countersign-agent'];

/**
 * Where the API token would be: the API server's ServiceAccount plugin mounts none where something is mounted
 * already.
 */
export const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The token's file in `TOKEN_PATH`. */
export const TOKEN_FILE = 'token';
export const STATE_PATH = '/var/run/countersign/state';
export const FILES_PATH = '/var/run/secrets/countersign.dev';
/** The file in `FILES_PATH` that holds the Vault token, when it is asked for. */
export const VAULT_TOKEN_FILE = 'token';

/** The environment variable that holds the agent's configuration. */
export const CONFIG_VARIABLE = 'COUNTERSIGN_AGENT_CONFIG';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
