import { type FieldProblem, PREFIX } from './annotations.ts';
import type { CredentialRequest } from './credential.ts';
import type { InjectionRequest } from './request.ts';
import type { VaultConnection } from './settings.ts';

/**
 * Does a sidecar take over what the init container leaves? Asked for by name, or, with `auto`, where something has to be
 * renewed or read again while the pod runs.
 */
export function hasSidecar(request: InjectionRequest, connection: VaultConnection): boolean {
  switch (request.agent) {
    case 'sidecar':
      return true;
    case 'init':
      return false;
    case 'auto':
      return changes(request, connection);
  }
}

/** Something ends while the pod runs, and nothing renews it. */
export function isLeftToEnd(request: InjectionRequest, connection: VaultConnection): boolean {
  return request.agent === 'init' && changes(request, connection);
}

/** A call-back or a restart that could never happen. */
export function rotationProblems(
  request: InjectionRequest,
  connection: VaultConnection,
): readonly FieldProblem[] {
  const asked = [
    ...(request.notify === undefined ? [] : ['notify']),
    ...(request.rotate === 'restart' ? ['rotate'] : []),
  ];
  if (asked.length === 0 || changes(request, connection)) return [];
  const message = `nothing that the pod reads changes while it runs; add ${PREFIX}refresh.<credential>: <duration>`;
  return asked.map((name) => ({ field: `${PREFIX}${name}`, message }));
}

/**
 * Admission asks no Vault, so what has a lease is not known, only what has none: values of the KV engine. Everything else
 * (databases, PKI, identities, the token itself) ends some time and is taken for what must be renewed. Where the guess is
 * wrong a sidecar idles; the other way round credentials would end in a running pod.
 */
function changes(
  { credentials, identities, token }: InjectionRequest,
  { kvMounts }: VaultConnection,
): boolean {
  const lasts = ({ operation, path, refreshSeconds }: CredentialRequest) =>
    refreshSeconds === undefined &&
    operation === 'read' &&
    kvMounts.some((mount) => path.startsWith(`${mount}/`));
  return token !== 'none' || identities.length > 0 || !credentials.every(lasts);
}
