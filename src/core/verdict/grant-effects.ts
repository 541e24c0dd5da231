import { canonical } from '../scope/canonical.ts';
import { ruleOf, uncovered } from '../scope/covers.ts';
import { overlaps } from '../scope/overlap.ts';
import { printScope } from '../scope/print.ts';
import { checksOf, collect, type Finding, viaText } from './findings.ts';
import { judge, kubernetesOnly, type Verdict, type VerdictInput } from './verdict.ts';

/**
 * What a write of roles, bindings or needs does to a workload: the verdict after it less the verdict before it,
 * permission by permission. What was proved before is not new; what was only possible before is new once it is proved.
 */
export function newlyFound(before: VerdictInput, after: VerdictInput): Verdict {
  const was = judge(before).findings;
  // Excess is judged as though what is excess already were allowed, so that each new part has its own risk.
  const known = was.flatMap(({ check, undetermined, scope }) =>
    check === 'excess' && !undetermined && scope !== undefined ? [scope] : [],
  );
  const verdict = judge({ ...after, allow: [...after.allow, ...known] });
  const findings = collect(
    verdict.findings
      .flatMap((finding) => remainder(finding, was))
      .flatMap((finding) => (finding.check === 'forbidden' ? stillForbidden(finding, after) : [finding])),
  );
  return { ...verdict, checks: checksOf(findings), findings };
}

function remainder(finding: Finding, before: readonly Finding[]): readonly Finding[] {
  const known = before.filter(
    ({ check, undetermined }) => check === finding.check && (finding.undetermined || !undetermined),
  );
  const { scope } = finding;
  if (scope === undefined || scope.kind === 'vault') {
    return known.some((other) => isAlike(other, finding)) ? [] : [finding];
  }
  const owners = kubernetesOnly(known.flatMap((other) => other.scope ?? [])).map(ruleOf);
  return uncovered(owners, scope).map((part) => ({ ...finding, scope: canonical(part) }));
}

function isAlike(a: Finding, b: Finding): boolean {
  return a.reason === b.reason && textOf(a) === textOf(b);
}

function textOf({ scope, via }: Finding): string {
  return `${scope === undefined ? '' : printScope(scope)} ${via === undefined ? '' : viaText(via)}`;
}

/** A part of what is forbidden need not be: of `get,create pods` the policy may forbid only `create`. */
function stillForbidden(finding: Finding, { forbid }: VerdictInput): readonly Finding[] {
  const { scope } = finding;
  const hit = forbid.find((line) => scope !== undefined && overlaps(line.scope, scope));
  return hit === undefined ? [] : [{ ...finding, detail: hit.policy }];
}
