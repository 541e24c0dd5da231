import { type JudgeOptions, judgeWorkload } from '../admit/judge.ts';
import type { Facts } from '../admit/ports.ts';
import { readWorkload } from '../core/admission/workload.ts';
import { counted } from '../core/text.ts';
import { type LoadedFolder, loadFolder } from '../facts/folder/folder.ts';
import { printProblem } from '../facts/folder/problem.ts';
import { withPolicies } from '../facts/with-policies.ts';
import type { CliHost } from './host.ts';
import type { Checked } from './report.ts';

export interface JudgeFolderOptions {
  readonly namespace: string;
  readonly policies?: string;
}

export interface JudgedFolder {
  readonly folder: LoadedFolder;
  readonly facts: Facts;
  /** How it was judged. */
  readonly options: JudgeOptions;
  readonly checked: readonly Checked[];
}

/** Judges the workloads of a folder, or of standard input for `-`. `undefined`: it told what is wrong with the input. */
export async function judgeFolder(
  source: string,
  { namespace, policies }: JudgeFolderOptions,
  host: CliHost,
): Promise<JudgedFolder | undefined> {
  const folder = await loadFolder(source === '-' ? host.stdin : source, { namespace, openWorld: true });
  const more = await withPolicies(folder.world, policies);
  const problems = [...folder.problems, ...more.problems];
  if (problems.length > 0) {
    for (const problem of problems) host.err(printProblem(problem));
    host.err(`${counted(problems.length, 'problem')}; nothing was judged`);
    return undefined;
  }
  const options: JudgeOptions = {
    moment: 'change',
    dryRun: false,
    openWorld: true,
    factsMaxAgeSeconds: Number.POSITIVE_INFINITY,
    nowMs: Date.now(),
  };
  const checked = folder.workloads.flatMap((document): readonly Checked[] => {
    const workload = readWorkload(document.object, document.namespace);
    return workload === undefined
      ? []
      : [{ document, judgement: judgeWorkload(workload, more.facts, options) }];
  });
  return { folder, facts: more.facts, options, checked };
}
