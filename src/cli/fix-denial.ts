import { counted } from '../core/text.ts';
import type { Advice } from '../core/verdict/fix.ts';
import type { LeastRole } from '../core/verdict/fix-roles.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { type Survey, surveyOf } from '../facts/cluster/survey.ts';
import { accountFix } from './account-fix.ts';
import { type ClusterOptions, viewCluster } from './cluster.ts';
import { denialNamed, notFound } from './denials.ts';
import { deniedAccount } from './denied-account.ts';
import type { AccountFix } from './fix-report.ts';
import type { CliHost } from './host.ts';

/** The fix for a denial, on what the cluster holds now. `undefined`: it told why there is none. */
export async function fixDenial(
  id: string,
  options: ClusterOptions,
  host: CliHost,
): Promise<readonly AccountFix[] | undefined> {
  const viewed = await viewCluster(options);
  const denial = await denialNamed(id, viewed);
  if (denial === undefined) {
    host.err(notFound(id, viewed));
    return undefined;
  }
  return fixesFor(denial, await surveyOf(viewed.client, denial.namespace), viewed.nowMs);
}

export function fixesFor(denial: StoredDenial, survey: Survey, nowMs: number): readonly AccountFix[] {
  const denied = deniedAccount(denial, survey, nowMs);
  if (denied === undefined) return [];
  const made = accountFix(denied.judged, survey.objects);
  const roles = survey.partial ? made.fix.roles.map((role) => renamed(role, denial.name)) : made.fix.roles;
  const advice = [...made.fix.advice, ...inVault(denial), ...(denied.whole ? [] : leftAlone(denial, survey))];
  return [{ ...made, fix: { ...made.fix, roles, advice } }];
}

const MAX_NAME = 253;

/** Nobody can say whether a role of the usual name is there already, and what is there is never overwritten. */
function renamed(role: LeastRole, id: string): LeastRole {
  const name = `${role.role.name.slice(0, MAX_NAME - id.length)}${id.slice(1)}`;
  const roleRef = { ...role.binding.roleRef, name };
  return { ...role, role: { ...role.role, name }, binding: { ...role.binding, name, roleRef } };
}

/** Vault is not read here. */
function inVault({ spec }: StoredDenial): readonly Advice[] {
  return spec.findings
    .filter(({ scope, reason }) => scope?.startsWith('vault ') ?? reason.includes('Vault'))
    .map(({ check, scope, reason, via }) => {
      const by = via === undefined ? '' : ` (${via})`;
      return { kind: 'ask', text: `whoever administers Vault: ${check} ${scope ?? reason}${by}` };
    });
}

/** What was refused may need more than is recorded: only what it lacks is known. */
function leftAlone({ spec }: StoredDenial, { partial }: Survey): readonly Advice[] {
  const excess = spec.findings.filter(
    ({ check, scope }) => check === 'excess' && scope?.startsWith('vault ') !== true,
  );
  const more = spec.moreFindings ?? 0;
  const why = partial
    ? 'since you may not list all roles and bindings: ask somebody who may'
    : 'since the refused workload is not stored: countersign fix DIR, with its manifest';
  const lost = `${counted(more, 'finding')} of the denial not recorded`;
  return [
    ...(excess.length > 0 ? [{ kind: 'open', text: `what is too much is left alone, ${why}` } as const] : []),
    ...(more > 0 ? [{ kind: 'open', text: lost } as const] : []),
  ];
}
