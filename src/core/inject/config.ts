import type { AgentConfig, AgentCredential, AgentIssuance } from './agent-config.ts';
import { type FieldProblem, PREFIX } from './annotations.ts';
import type { CredentialRequest } from './credential.ts';
import { creationPath, type Issuance, type Minted, PLACEHOLDER, type WrappedIssuance } from './issuance.ts';
import { hasSidecar } from './lasting.ts';
import type { InjectionRequest } from './request.ts';
import type { VaultConnection } from './settings.ts';

/**
 * The kernel takes 128 KiB for one variable of a new process (MAX_ARG_STRLEN); beyond it the container would
 * not start.
 */
const MAX_CONFIG_BYTES = 120 * 1024;

/** First segments below a KV version 2 mount (vault/plugins/secrets kv: path_data.go, path_metadata.go …). */
const KV2_SEGMENTS = ['data', 'metadata', 'subkeys', 'delete', 'undelete', 'destroy', 'config'];

/** How the pod gets its token, and as whom. */
export interface Login {
  /** The Vault role that policy gives it. */
  readonly role: string;
  readonly issuance: Issuance;
  /** With `wrapped`: what was minted for this pod; `undefined`: nothing was, or is to be. */
  readonly minted?: Minted | undefined;
}

/** Field by field in one order, so that the same request is the same text. */
export function agentConfig(
  request: InjectionRequest,
  connection: VaultConnection,
  { role, issuance, minted }: Login,
): AgentConfig {
  const { address, namespace, authMount, authMethod, ca, tlsServerName, kvMounts } = connection;
  return {
    version: 1,
    vault: {
      address,
      ...(namespace !== undefined && { namespace }),
      authMount,
      authMethod,
      role,
      ...(ca !== undefined && { ca }),
      ...(tlsServerName !== undefined && { tlsServerName }),
    },
    ...(issuance.kind === 'wrapped' && { issuance: agentIssuance(issuance, minted) }),
    credentials: request.credentials.map((credential) => agentCredential(credential, kvMounts)),
    files: request.files,
    env: request.env.map(({ variable, value }) => ({ variable, value })),
    identities: request.identities,
    token: request.token === 'file',
    sidecar: hasSidecar(request, connection),
    ...(request.notify !== undefined && { notify: request.notify }),
    rotate: request.rotate,
  };
}

function agentIssuance(
  { tokenRole, fallback }: WrappedIssuance,
  { expiresAtSeconds }: Minted = PLACEHOLDER,
): AgentIssuance {
  return { kind: 'wrapped', creationPath: creationPath(tokenRole), expiresAtSeconds, fallback };
}

function agentCredential(credential: CredentialRequest, kvMounts: readonly string[]): AgentCredential {
  const { name, operation, path, parameters, refreshSeconds } = credential;
  const kv2 = kvMounts.some((mount) => path.startsWith(`${mount}/data/`));
  return {
    name,
    operation,
    path,
    parameters,
    kv2,
    ...(refreshSeconds !== undefined && { refreshSeconds }),
  };
}

/**
 * The value of the agent's environment variable. Kubernetes expands `$(NAME)` and `$$` in values and `\u0024`
 * is the same JSON, so no `$` is ever written.
 */
export function configText(config: AgentConfig): string {
  return JSON.stringify(config).replaceAll('$', '\\u0024');
}

/**
 * What can only be judged with the connection at hand.
 * @param config the text that the request comes to.
 */
export function configProblems(
  request: InjectionRequest,
  connection: VaultConnection,
  config: string,
): readonly FieldProblem[] {
  const tooLong = Buffer.byteLength(config, 'utf8') > MAX_CONFIG_BYTES;
  const message = `the credentials and files asked for exceed ${MAX_CONFIG_BYTES / 1024} KiB; shorten the templates`;
  return [
    ...request.credentials.flatMap((credential) => kvProblem(credential, connection.kvMounts)),
    ...(tooLong ? [{ field: 'metadata.annotations', message }] : []),
  ];
}

function kvProblem({ name, path }: CredentialRequest, kvMounts: readonly string[]): readonly FieldProblem[] {
  const mount = kvMounts.find((candidate) => path.startsWith(`${candidate}/`));
  if (mount === undefined) return [];
  const rest = path.slice(mount.length + 1);
  const [segment = ''] = rest.split('/', 1);
  if (KV2_SEGMENTS.includes(segment)) return [];
  return [
    {
      field: `${PREFIX}credential.${name}`,
      message: `${mount} is a KV version 2 mount, whose API paths go through data; write ${mount}/data/${rest}`,
    },
  ];
}
