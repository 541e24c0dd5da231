/** The one error class, for operational failures. A denial is a value and never comes this way; anything else is a bug. */
export type ErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_DEADLINE'
  | 'ERR_KUBE_UNREACHABLE'
  | 'ERR_KUBE_REFUSED'
  | 'ERR_KUBE_GONE'
  | 'ERR_KUBE_PROTOCOL'
  | 'ERR_VAULT_UNREACHABLE'
  | 'ERR_VAULT_REFUSED'
  | 'ERR_VAULT_SEALED'
  | 'ERR_VAULT_RATE_LIMITED'
  | 'ERR_VAULT_REDIRECT'
  | 'ERR_VAULT_PROTOCOL'
  | 'ERR_TLS'
  | 'ERR_AGENT_FILES'
  | 'ERR_DESK_REFUSED';

interface FailureOptions {
  readonly cause?: unknown;
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  readonly code: ErrorCode;
  /** The same call may succeed when it is made again. */
  readonly retryable: boolean;
  /** How long the other side asked to be left alone (`Retry-After`); `undefined`: it did not say. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
