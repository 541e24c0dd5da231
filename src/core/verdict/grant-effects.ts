import { canonical } from '../scope/canonical.ts';
import { type Uncovering, uncoveredBy } from '../scope/owners.ts';
import { printScope } from '../scope/print.ts';
import { checksOf, collect, type Finding, heldBy } from './findings.ts';
import { forbiddingLine } from './forbid.ts';
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
  const newOf = createNews(was);
  const findings = collect(
    verdict.findings
      .flatMap(newOf)
      .flatMap((finding) => (finding.check === 'forbidden' ? stillForbidden(finding, after) : [finding])),
  );
  return { ...verdict, checks: checksOf(findings), findings };
}

/** What of a finding was not found before. */
function createNews(before: readonly Finding[]): (finding: Finding) => readonly Finding[] {
  const texts = new Set(before.map((finding) => textOf(finding, finding.undetermined === true)));
  const proved = createKnown(before.filter(({ undetermined }) => !undetermined));
  const possible = createKnown(before);
  return (finding) => {
    const { scope, check, undetermined } = finding;
    if (scope === undefined || scope.kind === 'vault') {
      const isKnown = texts.has(textOf(finding, false)) || (undetermined && texts.has(textOf(finding, true)));
      return isKnown ? [] : [finding];
    }
    const unknown = (undetermined ? possible : proved)(check);
    return unknown(scope).map((part) => ({ ...finding, scope: canonical(part) }));
  };
}

function createKnown(findings: readonly Finding[]): (check: Finding['check']) => Uncovering {
  const known = new Map<Finding['check'], Uncovering>();
  return (check) => {
    const made =
      known.get(check) ??
      uncoveredBy(
        kubernetesOnly(findings.flatMap((one) => (one.check === check && one.scope ? [one.scope] : []))),
      );
    known.set(check, made);
    return made;
  };
}

function textOf(finding: Finding, open: boolean): string {
  const { check, reason, scope } = finding;
  return JSON.stringify([check, reason, open, scope === undefined ? '' : printScope(scope), heldBy(finding)]);
}

/** A part of what is forbidden need not be: of `get,create pods` the policy may forbid only `create`. */
function stillForbidden(finding: Finding, { forbid }: VerdictInput): readonly Finding[] {
  const { scope } = finding;
  const hit = scope && forbiddingLine(forbid, scope);
  return hit === undefined ? [] : [{ ...finding, detail: hit.policy }];
}
