/** How the state changes by what was got from Vault. Pure: several of them may come of one round. */
import type { Fetched } from './credential.ts';
import type { Issued } from './identity.ts';
import type { Session } from './session.ts';
import type { AgentState, Retired } from './state.ts';

export type Change = (state: AgentState) => AgentState;

export function withSession(session: Session): Change {
  return (state) => ({ ...state, session });
}

/** A credential in the place of the one before; tokens that waited for it wait no more. */
export function withCredential(fetched: Fetched): Change {
  return (state) => ({
    ...state,
    credentials: [...state.credentials.filter(({ name }) => name !== fetched.name), fetched],
    retired: state.retired.map((one) => ({
      ...one,
      waitsFor: one.waitsFor.filter((name) => name !== fetched.name),
    })),
  });
}

/** The same credential, whose lease now lasts longer. */
export function withRenewed(renewed: Fetched): Change {
  return (state) => ({
    ...state,
    credentials: state.credentials.map((one) => (one.name === renewed.name ? renewed : one)),
  });
}

export function withIdentity(issued: Issued): Change {
  return (state) => ({
    ...state,
    identities: [...state.identities.filter(({ file }) => file !== issued.file), issued],
  });
}

/**
 * A new token in the place of the old. The leases end with the old one, so they are due to be taken out anew,
 * and until then the old one lives.
 */
export function withNewSession(session: Session, nowSeconds: number): Change {
  return (state) => ({
    ...orphaned(state),
    session,
    retired: [...state.retired, ...retiring(state, nowSeconds)],
  });
}

/** No lease counts any more; the values stay until others are there. */
export function orphaned(state: AgentState): AgentState {
  return {
    ...state,
    credentials: state.credentials.map((one) =>
      one.lease === undefined ? one : { ...one, lease: undefined, dueAt: 0 },
    ),
  };
}

/** Nothing of what the configuration does not ask for. */
export function emptyState(digest: string): AgentState {
  return { digest, session: undefined, credentials: [], identities: [], retired: [], placed: undefined };
}

export function withoutRetired(token: string): Change {
  return (state) => ({ ...state, retired: state.retired.filter((one) => one.token !== token) });
}

function retiring({ session, credentials }: AgentState, nowSeconds: number): readonly Retired[] {
  if (session === undefined || (session.expiresAt ?? Number.POSITIVE_INFINITY) <= nowSeconds) return [];
  const waitsFor = credentials.filter(({ lease }) => lease !== undefined).map(({ name }) => name);
  return [{ token: session.token, expiresAt: session.expiresAt, waitsFor, revokeAt: undefined }];
}
