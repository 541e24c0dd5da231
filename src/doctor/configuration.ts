import { loadConfig, readShape } from '../config/load.ts';
import { type ConfigProblem, describeProblem } from '../config/problem.ts';
import { type Check, fail, ok, unseen } from './check.ts';
import type { ConfigText } from './config-text.ts';

interface Asked extends ConfigText {
  readonly problems: readonly ConfigProblem[];
}

const MOST = 10;

/** Can the configuration be read? */
export const configuration: Check<Asked> = {
  name: 'configuration',
  async ask({ configText }) {
    const asked = await configText();
    return { ...asked, problems: problemsOf(asked) };
  },
  judge({ from, text, why, problems }) {
    const fix = 'name it with --config FILE, and the namespace of the release with --namespace';
    if (text === undefined) {
      return [unseen(`${from} ${why === 'refused' ? 'may not be read' : 'is not there'}`, fix)];
    }
    if (problems.length === 0) return [ok(`${from} is valid`)];
    return problems
      .slice(0, MOST)
      .map((problem) =>
        fail(
          describeProblem(problem),
          'mend it; until then a running server goes on with the one before, and a new one does not start',
        ),
      );
  },
};

function problemsOf({ from, text, local }: ConfigText): readonly ConfigProblem[] {
  if (text === undefined) return [];
  if (!local) return readShape(text, from).problems;
  const loaded = loadConfig(from);
  return loaded.ok ? [] : loaded.problems;
}
