import { canonical } from '../scope/canonical.ts';
import type { VaultScope } from '../scope/scope.ts';
import { constrainedUnder, type Withheld, withheld } from '../vault/covers.ts';
import type { LoginTerms, VaultHeld, VaultLogin, VaultVia } from '../vault/held.ts';
import type { Finding } from './findings.ts';

/** The login that a workload names, and what the policy says of it. */
export interface NamedLogin {
  readonly connection: string;
  readonly role: string;
  /** Seconds that a token may live; `undefined`: as long as it likes. */
  readonly maxTtlSeconds: number | undefined;
  /** The token role that its token is made by, where the pod never logs in. */
  readonly mintedBy?: string | undefined;
}

/** Preflight: would the login work, and would it give what is needed? Without a named login any that gives it will do. */
export function judgeLogin(
  held: VaultHeld,
  named: NamedLogin | undefined,
  needs: readonly VaultScope[],
): { readonly missing: readonly Finding[]; readonly overreach: readonly Finding[] } {
  if (named === undefined) {
    return { missing: needs.flatMap((need) => byAnyLogin(held, need)), overreach: [] };
  }
  const { mintedBy } = named;
  if (mintedBy !== undefined) return { missing: notJudged(mintedBy, needs), overreach: [] };
  const login = loginNamed(held, named);
  if (login === undefined) return { missing: [noLogin(held, named)], overreach: [] };
  return {
    missing: [...termsProblems(login), ...needs.flatMap((need) => byLogin(login, need))],
    overreach: livesTooLong(login, named.maxTtlSeconds),
  };
}

/** Vault keeps the names of roles in small letters, whatever case they are written in. */
export function loginNamed(
  { logins }: VaultHeld,
  { connection, role }: Pick<NamedLogin, 'connection' | 'role'>,
): VaultLogin | undefined {
  const kept = role.toLowerCase();
  return logins.find((one) => one.connection === connection && one.role === kept);
}

/** Who may be given a token by a token role is the policy's word; what it gives is not read. */
function notJudged(tokenRole: string, needs: readonly VaultScope[]): readonly Finding[] {
  const detail = `the policies of token role ${tokenRole} are not read`;
  return needs.map((need) => ({
    check: 'missing',
    undetermined: true,
    reason: 'VaultNotRead',
    scope: canonical(need),
    detail,
  }));
}

function noLogin(held: VaultHeld, { connection, role }: NamedLogin): Finding {
  const login: VaultVia = { login: { connection, mount: '', role }, policies: [] };
  if (held.read.includes(connection)) return { check: 'missing', reason: 'VaultRoleNotYours', login };
  return { ...notRead(held, connection), login };
}

function notRead(held: VaultHeld, connection: string): Finding {
  const why = held.unread.find((one) => one.connection === connection)?.why;
  const detail = why ?? `no facts about Vault connection ${connection} at hand`;
  return { check: 'missing', undetermined: true, reason: 'VaultNotRead', detail };
}

/** What a login is refused for, or a token is no good for, whatever its policies say. */
const TERMS: readonly ((terms: LoginTerms) => Pick<Finding, 'reason' | 'detail'> | undefined)[] = [
  ({ askedAudience, audiences }) =>
    askedAudience === undefined || audiences.length === 0 || audiences.includes(askedAudience)
      ? undefined
      : { reason: 'VaultAudience', detail: `${audiences.join(', ')}, not ${askedAudience}` },
  ({ numUses }) => (numUses === 0 ? undefined : { reason: 'VaultTokenUses', detail: `${numUses} calls` }),
];

function termsProblems(login: VaultLogin): readonly Finding[] {
  return TERMS.flatMap((of) => {
    const problem = of(login.terms);
    return problem === undefined ? [] : [{ check: 'missing', ...problem, login: viaOf(login) } as const];
  });
}

function livesTooLong(login: VaultLogin, maxTtlSeconds: number | undefined): readonly Finding[] {
  if (maxTtlSeconds === undefined) return [];
  const longest = longestLife(login.terms);
  if (typeof longest === 'number' && longest <= maxTtlSeconds) return [];
  const lives = typeof longest === 'number' ? `${longest} s` : longest;
  const detail = `${lives}, not ${maxTtlSeconds} s at most`;
  return [{ check: 'overreach', reason: 'VaultTtl', detail, login: viaOf(login) }];
}

/** In seconds, or in words where the role sets no end: tokens are renewed up to it. (sdk/helper/tokenutil of Vault) */
function longestLife(terms: LoginTerms): number | string {
  const { tokenType, ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds, periodSeconds } = terms;
  const server = 'as long as the server lets them';
  if (tokenType === 'batch') return ttlSeconds ?? server;
  if (periodSeconds !== undefined) return explicitMaxTtlSeconds ?? `for ever, ${periodSeconds} s at a time`;
  const ends = [maxTtlSeconds, explicitMaxTtlSeconds].filter((end) => end !== undefined);
  return ends.length === 0 ? server : Math.min(...ends);
}

function byLogin(login: VaultLogin, need: VaultScope): readonly Finding[] {
  const open = { check: 'missing', undetermined: true, scope: canonical(need) } as const;
  const lacking = withheld(login.acl, need);
  const [unread] = login.unknown;
  // In Vault more rules can be less, so a policy that was not read could give a need as well as take it.
  if (unread !== undefined) {
    return [{ ...open, reason: 'VaultPolicyNotRead', detail: unread, login: viaOf(login) }];
  }
  if (lacking.length > 0) return lacking.map((one) => missing(login, one));
  const [constrained] = constrainedUnder(login.acl, need);
  if (constrained === undefined) return [];
  const { pattern, constraints, policies } = constrained;
  const detail = `${pattern}: ${constraints.join(', ')}`;
  return [{ ...open, reason: 'VaultConstrained', detail, login: viaOf(login, policies) }];
}

function missing(login: VaultLogin, { scope, example, by }: Withheld): Finding {
  return {
    check: 'missing',
    reason: 'MissingInVault',
    scope: canonical(scope),
    detail: example,
    login: viaOf(login, by?.policies),
  };
}

/** A workload that logs in by itself may do so by any role, so a need is missing where none gives it. */
function byAnyLogin(held: VaultHeld, need: VaultScope): readonly Finding[] {
  const answers: (readonly Finding[])[] = [];
  for (const login of held.logins) {
    const findings = byLogin(login, need);
    if (findings.length === 0) return [];
    answers.push(findings);
  }
  const maybe = answers.find((findings) => findings.some(({ undetermined }) => undetermined));
  if (maybe !== undefined) return maybe;
  const [unread] = held.unread;
  if (unread !== undefined) {
    return [{ ...notRead(held, unread.connection), scope: canonical(need) }];
  }
  const [first] = answers;
  return first ?? [{ check: 'missing', reason: 'NoVaultLogin', scope: canonical(need) }];
}

export function viaOf({ connection, mount, role }: VaultLogin, policies: readonly string[] = []): VaultVia {
  return { login: { connection, mount, role }, policies };
}
