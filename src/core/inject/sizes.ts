/** How large the pod's volumes in memory are: webhook and agent have to agree on it. */

/** For files: each set is written beside the old one before it takes its place. */
export const FILES_MEBIBYTES = 4;
/** For the values of all credentials, twice while they are written. */
export const STATE_MEBIBYTES = 4;
/** Kubelet reads at most 64 KiB of it. */
export const ENV_MEBIBYTES = 1;
