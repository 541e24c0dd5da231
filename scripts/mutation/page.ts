import { dirname } from 'node:path';

/** The parts that count of a report in Stryker's schema (mutation-testing-report-schema). */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

interface Score {
  readonly killed: number;
  readonly survived: number;
  readonly uncovered: number;
}

const NONE: Score = { killed: 0, survived: 0, uncovered: 0 };

/** What cannot be compiled or run is no mutant. */
const COUNTED: Readonly<Record<string, Score>> = {
  Killed: { ...NONE, killed: 1 },
  Timeout: { ...NONE, killed: 1 },
  Survived: { ...NONE, survived: 1 },
  NoCoverage: { ...NONE, uncovered: 1 },
};

/** The score of each folder, and of the whole. */
export function mutationPage({ files }: MutationReport, at: Date): string {
  const folders = new Map<string, Score>();
  for (const [file, { mutants }] of Object.entries(files)) {
    const folder = dirname(file);
    folders.set(
      folder,
      mutants.reduce((sum, { status }) => add(sum, COUNTED[status] ?? NONE), folders.get(folder) ?? NONE),
    );
  }
  const lines = [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const whole = lines.reduce((sum, [, score]) => add(sum, score), NONE);
  return `<!-- Written by scripts/mutation.ts; not to be edited. -->

# Mutation testing

\`npm run mutation\` changes \`src/core\` in small ways, one at a time, and runs its unit tests (\`test/unit/core\`): a change
that no test notices has survived. The score is the share that did not; generated tables are left out. The limit is in
\`stryker.config.json\`. As of ${at.toISOString().slice(0, 10)}:

| folder | mutants | noticed | survived | in code that no test runs | score |
|---|---|---|---|---|---|
${[...lines, ['all', whole] as const].map(([folder, score]) => line(folder, score)).join('\n')}
`;
}

function add(a: Score, b: Score): Score {
  return {
    killed: a.killed + b.killed,
    survived: a.survived + b.survived,
    uncovered: a.uncovered + b.uncovered,
  };
}

function line(folder: string, { killed, survived, uncovered }: Score): string {
  const mutants = killed + survived + uncovered;
  const score = mutants === 0 ? '' : `${((100 * killed) / mutants).toFixed(1)} %`;
  return `| ${folder} | ${mutants} | ${killed} | ${survived} | ${uncovered} | ${score} |`;
}
