import { problemText } from '../admit/answer.ts';
import type { Judgement } from '../admit/judge.ts';
import { type Result, resultOf } from '../admit/result.ts';
import { TEMPLATE_PATHS } from '../core/admission/workload.ts';
import type { FieldProblem } from '../core/inject/annotations.ts';
import { counted, shown } from '../core/text.ts';
import { findingRecord } from '../core/verdict/finding-record.ts';
import { denialMessage, headline, subject } from '../core/verdict/message.ts';
import { reasonOf } from '../core/verdict/reasons.ts';
import type { WorkloadDocument } from '../facts/folder/fill.ts';
import type { FolderCounts } from '../facts/folder/folder.ts';
import type { CliHost, Style } from './host.ts';

/** How `check` prints what it found. */
export interface Checked {
  readonly document: WorkloadDocument;
  readonly judgement: Judgement;
}

const STYLES: Readonly<Record<Result, Style>> = {
  pass: 'green',
  warn: 'yellow',
  deny: 'red',
  unknown: 'yellow',
  invalid: 'red',
};

export function textReport(
  checked: readonly Checked[],
  counts: FolderCounts,
  paint: CliHost['paint'],
): string {
  const blocks = checked.map((one) => block(one, paint));
  return [...blocks, summary(checked, counts, paint)].join('\n');
}

function block({ document, judgement }: Checked, paint: CliHost['paint']): string {
  const result = resultOf(judgement);
  const mark = paint(STYLES[result], result.padEnd(7));
  const notes = judgement.notes.map(({ message }) => paint('dim', `        note: ${shown(message, 1000)}`));
  return [`${mark} ${lines(document, judgement, result).join('\n        ')}`, ...notes].join('\n');
}

function lines(document: WorkloadDocument, judgement: Judgement, result: Result): readonly string[] {
  const { workload, decision, verdict, policy, problems } = judgement;
  const { account } = workload;
  switch (result) {
    case 'pass':
      return [
        `${subject(workload)} as serviceaccount ${shown(`${account.namespace}/${account.name}`)} [policy ${shown(policy.name)}]`,
      ];
    case 'invalid':
      return [
        `${subject(workload)}: ${reasonOf('DeclarationInvalid').sentence}`,
        ...problems.map((problem) => `${placeOf(document, problem)}: ${shown(problemText(problem), 1000)}`),
      ];
    case 'deny':
      return denialMessage(workload, decision, verdict.bindings).split('\n');
    default:
      return [
        headline(workload, decision, 'runs'),
        ...denialMessage(workload, decision, verdict.bindings).split('\n').slice(1),
      ];
  }
}

/** `file:line:column` of a mistake in an annotation, so that editors can go there. */
function placeOf(document: WorkloadDocument, { field, line, column }: FieldProblem): string {
  const path = [...(TEMPLATE_PATHS[document.kind] ?? []), 'metadata', 'annotations', field];
  const place = document.locate(path, line === undefined ? undefined : { line, column: column ?? 1 });
  return `${shown(document.file, 500)}:${place.line}:${place.column}`;
}

function summary(
  checked: readonly Checked[],
  { files, ignored, links }: FolderCounts,
  paint: CliHost['paint'],
): string {
  const tally = new Map<Result, number>();
  for (const { judgement } of checked)
    tally.set(resultOf(judgement), (tally.get(resultOf(judgement)) ?? 0) + 1);
  const parts = [...tally].map(([result, count]) => `${count} ${result}`);
  const others = [...ignored.values()].reduce((sum, count) => sum + count, 0);
  const rest = others === 0 ? '' : paint('dim', `; ${others} objects of other kinds not looked at`);
  const unfollowed = links === 0 ? '' : paint('dim', `; ${counted(links, 'symbolic link')} not followed`);
  const sizes = `${counted(checked.length, 'workload')} in ${counted(files, 'file')}`;
  return `${paint('bold', `${sizes}: ${parts.join(', ') || 'nothing to judge'}`)}${rest}${unfollowed}`;
}

/** For machines; the field names and codes are API. */
export function jsonReport(checked: readonly Checked[], counts: FolderCounts): string {
  const workloads = checked.map(({ document, judgement }) => ({
    kind: judgement.workload.kind,
    namespace: judgement.workload.namespace,
    name: judgement.workload.name,
    serviceAccount: judgement.workload.account.name,
    file: document.file,
    line: document.line,
    result: resultOf(judgement),
    policy: judgement.policy.name,
    decision: judgement.decision.id ?? null,
    checks: judgement.verdict.checks,
    findings: judgement.decision.findings.map(findingRecord),
    problems: judgement.problems,
    notes: judgement.notes,
  }));
  return JSON.stringify(
    { workloads, files: counts.files, ignored: Object.fromEntries(counts.ignored) },
    null,
    2,
  );
}
