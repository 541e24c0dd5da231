import type { KeyObject } from 'node:crypto';

/** What the operator's configuration says about injection. Annotations can only choose among these, never change them. */
export interface InjectionSettings {
  /** By name; `default` is used when no annotation names one. */
  readonly vaults: Readonly<Record<string, VaultConnection>>;
  /** Reference of the agent's image, put into new pods. */
  readonly agentImage: string;
  /** Repositories (a reference without tag and digest) whose images `injected` accepts; holds that of `agentImage`. */
  readonly agentRepositories: readonly string[];
  readonly imagePullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  readonly resources: AgentResources;
  readonly env: {
    /** Runtime classes whose kubelet can give variables from files; pods without one always can. */
    readonly runtimeClasses: readonly string[];
  };
  /** `undefined`: leave `runAsUser` to the platform (OpenShift). */
  readonly runAsUser: number | undefined;
  /** HMAC keys of at least 32 bytes: the first signs, all are accepted. Made once, since making one costs more than signing. */
  readonly keys: readonly KeyObject[];
}

export interface AgentResources {
  /** Kubernetes quantities. */
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu?: string; readonly memory: string };
}

export interface VaultConnection {
  readonly name: string;
  /** `https://host[:port]`, or `http://` where the operator allowed it. */
  readonly address: string;
  readonly namespace?: string;
  readonly authMount: string;
  readonly authMethod: 'kubernetes' | 'jwt';
  /** Audience of the projected service-account token. */
  readonly audience: string;
  /** Lifetime of that token, 600 to 3600. */
  readonly tokenExpirationSeconds: number;
  readonly ca?: string;
  readonly tlsServerName?: string;
  /** Mount paths of KV version 2, without slashes at the ends. */
  readonly kvMounts: readonly string[];
}

/** No connection is configured: whoever asks for credentials is refused, and no seal is known. */
export const NO_INJECTION: InjectionSettings = {
  vaults: {},
  agentImage: '',
  agentRepositories: [],
  imagePullPolicy: 'IfNotPresent',
  resources: { requests: { cpu: '0', memory: '0' }, limits: { memory: '0' } },
  env: { runtimeClasses: [] },
  runAsUser: undefined,
  keys: [],
};
