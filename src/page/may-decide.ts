import type { GrantVerdict, Rights, StoredGrant, Viewer } from '../desk/desk.ts';

type Decision = GrantVerdict['decision'];

/** What a viewer is offered, and why not more. The desk and the API server look at it again when it is done. */
export interface Offer {
  readonly offered: readonly Decision[];
  /** Empty: nothing to explain. */
  readonly why: string;
}

const NOTHING = { offered: [], why: '' };

export function decisionsOn(
  { state, spec, scopesDigest }: StoredGrant,
  viewer: Viewer,
  rights: Rights | undefined,
): Offer {
  if (rights === undefined) return NOTHING;
  const isOpen = state.state === 'Pending' || state.state === 'Void';
  const isActive = state.state === 'Active';
  if (!isOpen && !isActive) return NOTHING;
  if (!rights.decide)
    return {
      offered: [],
      why: 'You may look, and not decide: that takes ClusterRole countersign-approver here.',
    };
  if (isActive) return { offered: ['Revoke'], why: '' };
  if (scopesDigest === '')
    return { offered: ['Reject'], why: 'Its scopes or duration can’t be read, so it waives nothing.' };
  if (spec.requester === viewer.username)
    return { offered: ['Reject'], why: 'It is your own request: another person approves.' };
  return { offered: ['Approve', 'Reject'], why: '' };
}
