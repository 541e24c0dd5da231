import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CONFIG_SCHEMA, type Config } from '../api/config.ts';
import type { ShapeProblem } from '../api/validate.ts';
import { resolveFiles } from './files.ts';
import { type ConfigProblem, keyOf } from './problem.ts';
import { ruleProblems } from './rules.ts';
import { readSource, type Source } from './source.ts';
import { validateConfig } from './validate.ts';

/** The configuration file, read once at start: a whole configuration, or every mistake in it. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function loadConfig(file: string): LoadedConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      ok: false,
      problems: [{ file, position: undefined, key: '', message: `cannot be read (${code})` }],
    };
  }
  return readConfig(text, file);
}

/** @param file its name, for messages, and its folder is where relative file names start */
export function readConfig(text: string, file: string): LoadedConfig {
  const source = readSource(text);
  if (source.problems.length > 0) {
    return { ok: false, problems: source.problems.map((problem) => ({ file, key: '', ...problem })) };
  }
  const value = source.value ?? {};
  const wrong = validateConfig(value);
  const files = resolveFiles(CONFIG_SCHEMA, value, dirname(resolve(file)));
  const problems = withoutEchoes([...wrong, ...ruleProblems(value), ...files.problems]);
  if (problems.length > 0) return { ok: false, problems: placed(problems, source, file) };
  // The schema has just been found to hold, and resolving file names keeps every type.
  return { ok: true, config: files.value as Config };
}

/** As far as it can be judged where its files are not: on a laptop, for a configuration of the cluster. */
export function readShape(
  text: string,
  file: string,
): { readonly value: unknown; readonly problems: readonly ConfigProblem[] } {
  const source = readSource(text);
  if (source.problems.length > 0) {
    return { value: {}, problems: source.problems.map((problem) => ({ file, key: '', ...problem })) };
  }
  const value = source.value ?? {};
  const problems = withoutEchoes([...validateConfig(value), ...ruleProblems(value)]);
  return { value, problems: placed(problems, source, file) };
}

/** One mistake is said once: what is already wrong by the schema needs no second reason. */
function withoutEchoes(problems: readonly ShapeProblem[]): readonly ShapeProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const key = JSON.stringify(path);
    return !seen.has(key) && seen.add(key);
  });
}

function placed(problems: readonly ShapeProblem[], source: Source, file: string): readonly ConfigProblem[] {
  return problems
    .map(({ path, message, atKey = false }) => ({
      file,
      position: source.position(path, atKey),
      key: keyOf(path),
      message,
    }))
    .toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
}
