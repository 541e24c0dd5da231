import type { Template } from './template.ts';

/**
 * What the in-pod agent is told, as one JSON document in the environment variable `COUNTERSIGN_AGENT_CONFIG` of its
 * container. It is configuration only: nothing in it is a secret.
 */
export interface AgentConfig {
  readonly version: 1;
  readonly vault: AgentVault;
  /** Absent: the agent logs in. */
  readonly issuance?: AgentIssuance;
  readonly credentials: readonly AgentCredential[];
  readonly files: readonly AgentFile[];
  /** Lines of the env file, which kubelet reads when it makes a container. */
  readonly env: readonly AgentVariable[];
  /** Signed tokens of Vault's identity engine, each a file. */
  readonly identities: readonly AgentIdentity[];
  /** Also write the Vault token itself, as a file named `token`. */
  readonly token: boolean;
  /** `true`: a sidecar takes over what init leaves; `false`: nobody does. */
  readonly sidecar: boolean;
  /** A loopback URL that is called after each swap of the files. */
  readonly notify?: string;
  /** `restart`: the pod's containers are restarted in place when a variable has changed. */
  readonly rotate: 'restart' | 'none';
}

/** The token waits in Vault under the wrapping token of `COUNTERSIGN_WRAPPING_TOKEN`, which init alone has. */
export interface AgentIssuance {
  readonly kind: 'wrapped';
  /** Where the token must have been made: `auth/token/create/ROLE`. */
  readonly creationPath: string;
  /** When the wrapping token ends, in seconds since 1970. */
  readonly expiresAtSeconds: number;
  readonly fallback: 'login' | 'none';
}

export interface AgentVariable {
  readonly variable: string;
  readonly value:
    | {
        readonly kind: 'field';
        readonly credential: string;
        readonly field: string;
        readonly base64: boolean;
      }
    /** The Vault token. */
    | { readonly kind: 'token' };
}

export interface AgentIdentity {
  readonly file: string;
  /** Role of Vault's identity engine: `identity/oidc/token/ROLE`. */
  readonly role: string;
  /** What `aud` must be; absent: whatever the role says. */
  readonly audience?: string;
  /** What the claim `scope` must hold. */
  readonly scopes: readonly string[];
}

export interface AgentVault {
  /** `https://host:port`, nothing behind it. */
  readonly address: string;
  /** Vault Enterprise or OpenBao namespace, sent as `X-Vault-Namespace`. */
  readonly namespace?: string;
  /** Mount of the auth method, without `auth/`: `kubernetes`. */
  readonly authMount: string;
  readonly authMethod: 'kubernetes' | 'jwt';
  readonly role: string;
  /** PEM; the system's roots when absent. */
  readonly ca?: string;
  readonly tlsServerName?: string;
}

export interface AgentCredential {
  readonly name: string;
  readonly operation: 'read' | 'write';
  /** The API path, without `/v1/`. */
  readonly path: string;
  /** For `write`: the body's keys and values. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Below a KV version 2 mount: the values are one level deeper, in `data.data`. */
  readonly kv2: boolean;
  /** How often a value without a lease is read again by the sidecar; absent: never. */
  readonly refreshSeconds?: number;
}

export interface AgentFile {
  readonly file: string;
  readonly content: FileContent;
}

export type FileContent =
  /** All fields of a credential, as JSON with sorted keys. */
  | { readonly kind: 'all'; readonly credential: string }
  /** One field, as it is. */
  | { readonly kind: 'field'; readonly credential: string; readonly field: string }
  | { readonly kind: 'template'; readonly template: Template };
