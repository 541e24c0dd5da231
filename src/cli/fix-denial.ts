import { counted } from '../core/text.ts';
import type { Advice } from '../core/verdict/fix.ts';
import type { LeastRole } from '../core/verdict/fix-roles.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { createLiveTruth } from '../facts/cluster/live.ts';
import { surveyOf } from '../facts/cluster/survey.ts';
import type { KubeClient } from '../kube/client.ts';
import { accountFix } from './account-fix.ts';
import { type ClusterOptions, viewCluster } from './cluster.ts';
import { denialNamed, notFound } from './denials.ts';
import { type DeniedAccount, deniedAccount, type Sight, type Unknown } from './denied-account.ts';
import { accountOf } from './denied-claim.ts';
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
  return fixesFor(denial, await sightOf(denial, viewed.client, viewed.nowMs));
}

const PODS_TIMEOUT_MS = 10_000;

export async function sightOf(denial: StoredDenial, client: KubeClient, nowMs: number): Promise<Sight> {
  const [survey, pods] = await Promise.all([
    surveyOf(client, denial.namespace),
    createLiveTruth(client).pods(accountOf(denial), AbortSignal.timeout(PODS_TIMEOUT_MS)),
  ]);
  return { survey, pods, nowMs };
}

export function fixesFor(denial: StoredDenial, sight: Sight): readonly AccountFix[] {
  const { survey } = sight;
  const denied = deniedAccount(denial, sight);
  if (denied === undefined) return [];
  const made = accountFix(denied.judged, survey.objects);
  const roles = survey.partial ? made.fix.roles.map((role) => renamed(role, denial.name)) : made.fix.roles;
  const advice = [...made.fix.advice, ...inVault(denial), ...leftAlone(denial, denied)];
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

const ASK = 'ask somebody who may';
const BY_FOLDER = 'countersign fix DIR, with its manifest';

const WHY: Readonly<Record<Unknown, string>> = {
  roles: `you may not list all roles and bindings: ${ASK}`,
  workloads: `you may not list all workloads and pods there: ${ASK}`,
  needs: `the refused workload is not stored: ${BY_FOLDER}`,
  cutNeeds: `not all of its needs are recorded: ${BY_FOLDER}`,
  findings: `not all of it is recorded, and the cluster has changed: ${BY_FOLDER}`,
};

/** What was refused may need more than is recorded. */
function leftAlone({ spec }: StoredDenial, { unknown, whole }: DeniedAccount): readonly Advice[] {
  const excess = spec.findings.filter(
    ({ check, scope }) => check === 'excess' && scope?.startsWith('vault ') !== true,
  );
  const more = spec.moreFindings ?? 0;
  const lost = `${counted(more, 'finding')} of the denial not recorded`;
  return [
    ...(excess.length > 0 && unknown !== undefined
      ? [{ kind: 'open', text: `what is too much is left alone, since ${WHY[unknown]}` } as const]
      : []),
    ...(more > 0 && !whole ? [{ kind: 'open', text: lost } as const] : []),
  ];
}
