import type { Template } from './template.ts';

/**
 * What the in-pod agent is told, as one JSON document in the environment variable `COUNTERSIGN_AGENT_CONFIG` of its
 * container. It is configuration only: nothing in it is a secret.
 */
export interface AgentConfig {
  readonly version: 1;
  readonly vault: AgentVault;
  readonly credentials: readonly AgentCredential[];
  readonly files: readonly AgentFile[];
  /** Also write the Vault token itself, as a file named `token`. */
  readonly token: boolean;
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
