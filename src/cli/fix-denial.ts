import { printScope } from '../core/scope/print.ts';
import { counted } from '../core/text.ts';
import type { Finding } from '../core/verdict/findings.ts';
import type { Advice } from '../core/verdict/fix.ts';
import type { LeastRole } from '../core/verdict/fix-roles.ts';
import { reasonOf } from '../core/verdict/reasons.ts';
import { isOfManifest, MEND_MANIFEST } from '../core/verdict/waivable.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { createLiveTruth } from '../facts/cluster/live.ts';
import { surveyOf } from '../facts/cluster/survey.ts';
import { withVault } from '../facts/surveyed-vault.ts';
import type { PersonalVault } from '../facts/vault/personal.ts';
import type { KubeClient } from '../kube/client.ts';
import { accountFix } from './account-fix.ts';
import { type ClusterOptions, viewCluster } from './cluster.ts';
import { denialNamed, notFound } from './denials.ts';
import { type DeniedAccount, deniedAccount, type Sight, type Unknown } from './denied-account.ts';
import { accountOf } from './denied-claim.ts';
import type { RecordedFinding } from './denied-login.ts';
import type { AccountFix } from './fix-report.ts';
import type { CliHost } from './host.ts';
import { type VaultOptions, vaultOf } from './vault-option.ts';

/** The fix for a denial, on what the cluster holds now. `undefined`: it told why there is none. */
export async function fixDenial(
  id: string,
  options: ClusterOptions & VaultOptions,
  host: CliHost,
): Promise<readonly AccountFix[] | undefined> {
  const vault = await vaultOf(options);
  const viewed = await viewCluster(options);
  const denial = await denialNamed(id, viewed);
  if (denial === undefined) {
    host.err(notFound(id, viewed));
    return undefined;
  }
  const sight = await sightOf(denial, viewed.client, { nowMs: viewed.nowMs, vault });
  for (const line of sight.survey.vault?.incomplete ?? []) host.err(`not read: ${line}`);
  return fixesFor(denial, sight);
}

const PODS_TIMEOUT_MS = 10_000;

/** What is to be known for the fix of a denial. */
export async function sightOf(
  denial: StoredDenial,
  client: KubeClient,
  { nowMs, vault }: { readonly nowMs: number; readonly vault?: PersonalVault | undefined },
): Promise<Sight> {
  const account = accountOf(denial);
  const [survey, pods] = await Promise.all([
    surveyOf(client, denial.namespace),
    createLiveTruth(client).pods(account, AbortSignal.timeout(PODS_TIMEOUT_MS)),
  ]);
  return { survey: vault === undefined ? survey : await withVault(survey, vault, [account]), pods, nowMs };
}

export function fixesFor(denial: StoredDenial, sight: Sight): readonly AccountFix[] {
  const { survey } = sight;
  const denied = deniedAccount(denial, sight);
  if (denied === undefined) return [];
  const made = accountFix(denied.judged, survey.objects);
  const roles = survey.partial ? made.fix.roles.map((role) => renamed(role, denial.name)) : made.fix.roles;
  const byHand = isOfManifest(denial.spec.findings)
    ? [{ kind: 'refused', text: MEND_MANIFEST } as const]
    : [];
  const advice = [
    ...byHand,
    ...made.fix.advice,
    ...denied.unjudged.map(askVault),
    ...denied.judged.decision.findings.flatMap(openInVault),
    ...leftAlone(denial, denied),
  ];
  return [{ ...made, fix: { ...made.fix, roles, advice } }];
}

const MAX_NAME = 253;

/** Nobody can say whether a role of the usual name is there already, and what is there is never overwritten. */
function renamed(role: LeastRole, id: string): LeastRole {
  const name = `${role.role.name.slice(0, MAX_NAME - id.length)}${id.slice(1)}`;
  const roleRef = { ...role.binding.roleRef, name };
  return { ...role, role: { ...role.role, name }, binding: { ...role.binding, name, roleRef } };
}

/** Of a Vault that was not read, or of a workload that is not known whole. */
function askVault({ check, scope, reason, via }: RecordedFinding): Advice {
  const by = via === undefined ? '' : ` (${via})`;
  return { kind: 'ask', text: `whoever administers Vault: ${check} ${scope ?? reason}${by}` };
}

/** What could not be read of a Vault may give it, or take it. */
function openInVault({ scope, reason, detail = '', undetermined, login }: Finding): readonly Advice[] {
  if (!undetermined || login === undefined) return [];
  const what = scope === undefined ? `Vault role ${login.login.role}` : printScope(scope);
  return [{ kind: 'open', text: `${what}: ${reasonOf(reason).sentence} (${detail})` }];
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
