import type { Path } from '../api/validate.ts';

import { shown } from '../core/text.ts';

/** A mistake in the configuration file. The value that was found is never quoted: it may be a secret in the wrong place. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; `undefined` when it is about the file as a whole. */
  readonly position: Position | undefined;
  /** `webhook.caller.segment`; `''` for the whole file. */
  readonly key: string;
  /** What was expected. */
  readonly message: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export function describeProblem({ file, position, key, message }: ConfigProblem): string {
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return key === '' ? `${place}: ${shown(message, 500)}` : `${place}: ${shown(key)}: ${shown(message, 500)}`;
}

export function keyOf(path: Path): string {
  return path.reduce<string>(
    (key, step) => (typeof step === 'number' ? `${key}[${step}]` : key === '' ? step : `${key}.${step}`),
    '',
  );
}
