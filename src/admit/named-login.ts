import type { Declaration } from '../core/admission/declaration.ts';
import type { WorkloadClaim } from '../core/admission/workload.ts';
import { chooseIssuance, chooseRole } from '../core/verdict/injection-policy.ts';
import type { EffectivePolicy } from '../core/verdict/select.ts';
import type { NamedLogin } from '../core/verdict/vault-login.ts';

/** A connection or role that the policy does not allow is refused as such, so no login is judged. */
export function namedLogin(
  workload: WorkloadClaim,
  injection: Declaration['injection'],
  { injection: allowed, name }: EffectivePolicy,
): NamedLogin | undefined {
  const { account } = workload;
  const chosen = injection && chooseRole(injection, allowed, account, name);
  if (injection === undefined || chosen === undefined || !('role' in chosen)) return undefined;
  const { issuance: asked } = injection;
  const issuance = chooseIssuance({ issuance: asked, ofJob: isOfJob(workload) }, allowed, account, name);
  const { maxTtlSeconds } = allowed;
  return {
    connection: chosen.vault,
    role: chosen.role,
    maxTtlSeconds,
    ...(issuance.kind === 'wrapped' && issuance.fallback === 'none' && { mintedBy: issuance.tokenRole }),
  };
}

/** Of a pod, what it names as its controller; of a template, what its pods will. A CronJob makes Jobs. */
export function isOfJob({ kind, controller }: WorkloadClaim): boolean {
  if (kind !== 'Pod') return kind === 'Job' || kind === 'CronJob';
  return controller?.kind === 'Job' && controller.apiVersion.startsWith('batch/');
}
