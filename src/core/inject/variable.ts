import type { AgentVariable } from './agent-config.ts';
import type { Asked, Report } from './annotations.ts';
import type { Containers } from './containers.ts';
import { VAULT_TOKEN_VARIABLE } from './names.ts';
import { parseReference } from './template.ts';

/** A variable of the containers' environment. */
export interface VariableRequest extends AgentVariable {
  /** Key of the annotation that asks for it. */
  readonly field: string;
}

/** A variable with the containers that it goes to. */
export interface PlacedVariable extends VariableRequest {
  readonly containers: Containers;
}

/** Names that every shell takes; Kubernetes allows more, and the env file of kubelet not all of those (KEP-3721). */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** So many variables are more than any program has; kubelet reads a file of at most 64 KiB. */
const MAX_VARIABLES = 100;

/** `env.<VAR>: <name>.<field>[|base64]`, and `token: env`. All that could be read, in the order given. */
export function readVariables(
  asked: readonly Asked[],
  token: Asked | undefined,
  report: Report,
): readonly VariableRequest[] {
  if (asked.length > MAX_VARIABLES)
    report(asked[0]?.key ?? '', `expected at most ${MAX_VARIABLES} variables`);
  const variables = asked.slice(0, MAX_VARIABLES).flatMap((one) => readVariable(one, report));
  if (token !== undefined) {
    variables.push({ field: token.key, variable: VAULT_TOKEN_VARIABLE, value: { kind: 'token' } });
  }
  reportTwins(variables, report);
  return variables;
}

function readVariable({ key, argument = '', value }: Asked, report: Report): readonly VariableRequest[] {
  if (!VARIABLE_NAME.test(argument)) {
    report(key, 'expected the name of a variable: letters, digits and "_", no digit first');
    return [];
  }
  const [reference = '', ...filters] = value.split('|').map((word) => word.trim());
  const parsed = parseReference(reference);
  const [filter] = filters;
  if (typeof parsed === 'string') report(key, parsed);
  else if (filters.length > 1 || (filter !== undefined && filter !== 'base64')) {
    report(key, 'expected credential.field, or credential.field|base64');
  } else {
    return [
      { field: key, variable: argument, value: { kind: 'field', ...parsed, base64: filter === 'base64' } },
    ];
  }
  return [];
}

/** Programs on some systems, and people everywhere, take names that differ only by case for one variable. */
function reportTwins(variables: readonly VariableRequest[], report: Report): void {
  const seen = new Map<string, VariableRequest>();
  for (const one of variables) {
    const folded = one.variable.toLowerCase();
    const before = seen.get(folded);
    if (before === undefined) seen.set(folded, one);
    else {
      const same = before.variable === one.variable ? '' : ', but for upper and lower case';
      report(one.field, `sets the same variable as ${before.field}${same}; keep one of the two`);
    }
  }
}
