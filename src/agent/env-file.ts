/**
 * The file that kubelet takes environment variables from (`fileKeyRef`, KEP-3721), in the one form that it
 * reads without changing anything: `NAME='value'` (pkg/kubelet/util/env/env_util.go of Kubernetes 1.35 and later).
 * Pure.
 */
import type { AgentVariable } from '../core/inject/agent-config.ts';
import { PREFIX } from '../core/inject/annotations.ts';
import { type Attempt, type Failure, final } from './failure.ts';
import { type Credentials, fieldText } from './render.ts';

const maxValueBytes = 32 * 1024;
const maxFileBytes = 64 * 1024;

/** What a value may not hold, and why. */
const unfit: readonly (readonly [part: string, what: string])[] = [
  // No escape exists between single quotes.
  ["'", "holds a ', which kubelet's env file can't carry"],
  ['\0', 'holds a NUL, which no environment variable can carry'],
  // Lines are read with their line end taken off, be it LF or CRLF.
  ['\r\n', "holds a line that ends in CR LF, which kubelet's env file can't carry"],
];

/** Every line, sorted; or every variable that can't be written. */
export function envFile(
  variables: readonly AgentVariable[],
  credentials: Credentials,
  token: string,
): Attempt<string> {
  const failures: Failure[] = [];
  const lines: string[] = [];
  for (const one of variables) {
    const text = textOfVariable(one, credentials, token);
    const problem = problemOf(one, text);
    if (problem !== undefined) failures.push(final('content', `${PREFIX}env.${one.variable}`, problem));
    lines.push(`${one.variable}='${text ?? ''}'\n`);
  }
  const file = lines.toSorted().join('');
  if (Buffer.byteLength(file) > maxFileBytes) {
    const cause = `all variables together are larger than ${maxFileBytes / 1024} KiB: use file.* for the large ones`;
    failures.push(final('content', `${PREFIX}env`, cause));
  }
  return failures.length > 0 ? { failures } : { value: file };
}

function textOfVariable(
  { value }: AgentVariable,
  credentials: Credentials,
  token: string,
): string | undefined {
  if (value.kind === 'token') return token;
  const text = fieldText(credentials, value.credential, value.field);
  return text !== undefined && value.base64 ? Buffer.from(text, 'utf8').toString('base64') : text;
}

function problemOf({ value }: AgentVariable, text: string | undefined): string | undefined {
  const name = value.kind === 'token' ? 'the vault token' : `${value.credential}.${value.field}`;
  if (text === undefined) return `vault's answer has no field ${name}`;
  // Kubelet takes it for a variable that is not there, and does not start the container.
  if (text === '') return `${name} is empty, which kubelet's env file can't carry: use file.*`;
  const [, what] = unfit.find(([part]) => text.includes(part)) ?? [];
  const hint = value.kind === 'token' ? '' : `: ask for ${name}|base64`;
  if (what !== undefined) return `${name} ${what}${hint}`;
  if (Buffer.byteLength(text) > maxValueBytes) {
    return `${name} is larger than the ${maxValueBytes / 1024} KiB of a variable: use file.*`;
  }
  return undefined;
}
