import type { Keys } from './contents.ts';

/**
 * What must be made, moved or dropped now. A change goes out in steps, so that whatever one replica serves and whatever
 * one API server has registered go together at every moment:
 *
 * - CA: a new one joins the bundle; once both registrations have it, it signs the served certificate; the old one leaves
 *   when the last certificate of it has expired.
 * - path: the new segment is accepted beside the old; then it is registered; then the old one is dropped.
 * - injection: the new key is accepted; then it signs; the old one is accepted until the next time.
 */
export type Step =
  | 'MakeAuthority'
  | 'DropAuthorities'
  | 'IssueLeaf'
  | 'MakePath'
  | 'DropPath'
  | 'MakeInjection'
  | 'NextInjection'
  | 'UseInjection';

/** What an operator can ask for, by the annotation `countersign.dev/renew` of the Secret. */
export const ROTATIONS = ['tls', 'ca', 'path', 'injection'] as const;
export type Rotation = (typeof ROTATIONS)[number];

export interface Moment {
  readonly now: Date;
  readonly settled: Settled;
  readonly asked: ReadonlySet<Rotation>;
  /** Names that the certificate must carry; `undefined`: certificates are somebody else's. */
  readonly names: readonly string[] | undefined;
}

/** What has been so for long enough that every replica, or every API server, has taken it up. */
export interface Settled {
  /** The Secret is as it is now. */
  readonly contents: boolean;
  /** Every registration that there is has all the CAs. */
  readonly bundle: boolean;
  /** Every registration that there is has the current segment. */
  readonly path: boolean;
}

const DAY_MS = 86_400_000;
export const LEAF_DAYS = 30;
export const AUTHORITY_DAYS = 730;
/** A third of its life. */
const LEAF_LEFT_DAYS = 10;
/** No certificate may outlive its CA, and there is time for a registration that cannot be changed at once. */
const AUTHORITY_LEFT_DAYS = 3 * LEAF_DAYS;
/** The last certificate of a CA is older than the CA that follows; a day for clocks that differ. */
const OVERLAP_DAYS = LEAF_DAYS + 1;
/** Asked for more often than they can leave, CAs wait. */
const MOST_AUTHORITIES = 5;

/** One step at a time for each of certificates, path and injection; nothing to do is an empty list. */
export function dueSteps(keys: Keys, moment: Moment): readonly Step[] {
  return [
    moment.names === undefined ? undefined : certificateStep(keys, moment, moment.names),
    pathStep(keys, moment),
    injectionStep(keys, moment),
  ].filter((step) => step !== undefined);
}

function certificateStep(keys: Keys, moment: Moment, names: readonly string[]): Step | undefined {
  const { authorities, signingKey, leaf } = keys;
  const { now, settled, asked } = moment;
  const [current] = authorities;
  if (current === undefined || signingKey === undefined || daysLeft(current, now) <= 0)
    return 'MakeAuthority';
  // Nothing that could be served: then there is nothing to wait for.
  if (leaf === undefined || daysLeft(leaf, now) <= 0) return 'IssueLeaf';
  if (leaf.authority > 0) return settled.bundle ? 'IssueLeaf' : undefined;
  if (daysLeft(leaf, now) <= LEAF_LEFT_DAYS || asked.has('tls')) return 'IssueLeaf';
  if (names.some((name) => !leaf.names.includes(name))) return 'IssueLeaf';
  if (staying(keys, now).length < authorities.length) return 'DropAuthorities';
  const wanted = asked.has('ca') && authorities.length < MOST_AUTHORITIES;
  return daysLeft(current, now) <= AUTHORITY_LEFT_DAYS || wanted ? 'MakeAuthority' : undefined;
}

/** The CAs that something that is served may still be of. */
export function staying({ authorities, leaf }: Keys, now: Date): Keys['authorities'] {
  return authorities.filter((authority, index) => {
    const next = authorities[index - 1];
    if (next === undefined || index === leaf?.authority) return true;
    return daysLeft(authority, now) > 0 && daysSince(next.notBefore, now) < OVERLAP_DAYS;
  });
}

function pathStep({ path }: Keys, { settled, asked }: Moment): Step | undefined {
  if (path.current === undefined) return 'MakePath';
  if (path.previous !== undefined) return settled.path ? 'DropPath' : undefined;
  return asked.has('path') ? 'MakePath' : undefined;
}

function injectionStep({ injection }: Keys, { settled, asked }: Moment): Step | undefined {
  if (injection.current === undefined) return 'MakeInjection';
  if (injection.next !== undefined) return settled.contents ? 'UseInjection' : undefined;
  return asked.has('injection') ? 'NextInjection' : undefined;
}

function daysLeft({ expiresAt }: { readonly expiresAt: Date }, now: Date): number {
  return (expiresAt.getTime() - now.getTime()) / DAY_MS;
}

function daysSince(then: Date, now: Date): number {
  return (now.getTime() - then.getTime()) / DAY_MS;
}
