import { judgeClaim } from '../admit/judge.ts';
import type { WorkloadClaim } from '../core/admission/workload.ts';
import { counted, shown } from '../core/text.ts';
import type { Decision } from '../core/verdict/decision.ts';
import { findingRecord } from '../core/verdict/finding-record.ts';
import { denialMessage } from '../core/verdict/message.ts';
import type { ReasonCode } from '../core/verdict/reasons.ts';
import { REASONS, reasonOf } from '../core/verdict/reasons.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { type Survey, surveyOf } from '../facts/cluster/survey.ts';
import { judgeOptions } from './access.ts';
import { type ClusterOptions, type Viewed, viewCluster } from './cluster.ts';
import { denialText } from './denial-report.ts';
import { denialNamed, notFound } from './denials.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { manifest } from './manifest.ts';
import { json, plain, printObjects } from './stored.ts';

export interface ExplainDecisionOptions extends ClusterOptions {
  readonly output: 'text' | 'json' | 'yaml';
}

/** Explains a decision by its id. `undefined`: it is no decision that anything here knows. */
export type ExplainDecision = (id: string, options: ExplainDecisionOptions) => Promise<ExitCode | undefined>;

/** By the Denial; else by judging what is stored again, with what the person may list. */
export function explainDecision(host: CliHost): ExplainDecision {
  return async (id, options) => explain(id, options, await viewCluster(options), host);
}

export async function explain(
  id: string,
  { output }: ExplainDecisionOptions,
  viewed: Viewed,
  host: CliHost,
): Promise<ExitCode | undefined> {
  const denial = await denialNamed(id, viewed);
  if (denial !== undefined) {
    host.out(
      output === 'text'
        ? denialText(denial, viewed.nowMs, host.paint, meanings(denial))
        : printObjects(output, 'Denial', [denial], true),
    );
    return EXIT.ok;
  }
  const survey = await surveyOf(viewed.client, viewed.namespace);
  const found = decisionIn(survey, id, viewed.nowMs);
  if (found === undefined) {
    host.err(notFound(id, viewed));
    const looked = counted(survey.workloads.length, 'workload');
    host.err(
      `nor is it the decision on any of ${looked} in namespace ${shown(viewed.namespace)} as it is now`,
    );
    for (const line of survey.incomplete) host.err(line);
    return undefined;
  }
  const { workload, decision } = found;
  if (output === 'text') {
    host.out(
      `no Denial is recorded; on the facts of now this is the decision on ${shown(workload.kind)} ${shown(workload.name)}:`,
    );
    host.out(denialMessage(workload, decision));
  } else {
    const { namespace, name, kind, account } = workload;
    const findings = decision.findings.map(findingRecord);
    const told = {
      id,
      namespace,
      kind,
      name,
      serviceAccount: account.name,
      policy: decision.policy,
      findings,
    };
    host.out(output === 'json' ? json(told) : manifest(plain(told)));
  }
  return EXIT.ok;
}

interface Found {
  readonly workload: WorkloadClaim;
  readonly decision: Decision;
}

/** The decision of this id on a stored workload, at either moment. */
export function decisionIn({ world, workloads }: Survey, id: string, nowMs: number): Found | undefined {
  const options = judgeOptions(nowMs);
  for (const workload of workloads) {
    for (const moment of ['change', 'reschedule'] as const) {
      const { decision, workload: judged } = judgeClaim(workload, world, { ...options, moment });
      if (decision.id === id) return { workload: judged, decision };
    }
  }
  return undefined;
}

/** What each reason means, and what to do about it. */
function meanings({ spec }: StoredDenial): readonly string[] {
  const reasons = [...new Set(spec.findings.map(({ reason }) => reason))].filter(isReason);
  return reasons.flatMap((reason) => {
    const { sentence, next } = reasonOf(reason);
    return [`${reason}: ${sentence}`, ...(next === undefined ? [] : [`  ${next}`])];
  });
}

function isReason(reason: string): reason is ReasonCode {
  return Object.hasOwn(REASONS, reason);
}
