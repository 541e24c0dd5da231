import { type FieldProblem, PREFIX } from '../inject/annotations.ts';
import { impliedScopes } from '../inject/needs.ts';
import { type InjectionRequest, type ParsedInjection, parseInjection } from '../inject/request.ts';
import { type Parsed, parseScopes } from '../scope/parse.ts';
import { resolveScopes } from '../scope/resolve.ts';
import type { Resources } from '../scope/resources.ts';
import type { Scope } from '../scope/scope.ts';
import type { Workload } from './workload.ts';

/** What a workload declares: its needs, and the credentials that it asks for. */
export interface Declaration {
  /** Needs are written, on the template or on the account; present but empty means that nothing is needed. */
  readonly declared: boolean;
  /** Declared and implied, placed. */
  readonly needs: readonly Scope[];
  readonly injection: InjectionRequest | undefined;
  readonly problems: readonly FieldProblem[];
  /** What may not mean what it says: an unknown resource, a verb that is none. Never a reason to refuse. */
  readonly notes: readonly string[];
}

export const NEEDS = `${PREFIX}needs`;
export const BREAK_GLASS = `${PREFIX}break-glass`;

/** The API server checks the size of annotations only after mutating admission, so their length is anyone's choice. */
const MAX_NEEDS_LENGTH = 32_768;

/** What of a declaration depends on its text alone. */
export interface Parsers {
  readonly injection: (annotations: Readonly<Record<string, string>>) => ParsedInjection;
  readonly scopes: (text: string) => Parsed;
}

export const PARSERS: Parsers = { injection: parseInjection, scopes: parseScopes };

/** For which needs are resolved. */
export interface Place {
  /** The workload's own. */
  readonly namespace: string;
  readonly resources: Resources;
}

/** Needs on the template replace the account's; those that credentials imply are added to either. */
export function declarationOf(
  annotations: Readonly<Record<string, string>>,
  accountNeeds: string | undefined,
  { namespace, resources }: Place,
  parsers: Parsers = PARSERS,
): Declaration {
  const onTemplate = Object.hasOwn(annotations, NEEDS) ? annotations[NEEDS] : undefined;
  const text = onTemplate ?? accountNeeds;
  const field = onTemplate === undefined ? `${NEEDS} (serviceaccount)` : NEEDS;
  const tooLong = (text ?? '').length > MAX_NEEDS_LENGTH;
  const parsed = parsers.scopes(tooLong ? '' : (text ?? ''));
  const { scopes, notes } = resolveScopes(parsed.scopes, namespace, resources);
  const { request, problems } = parsers.injection(annotations);
  return {
    declared: text !== undefined,
    needs: [...scopes, ...(request === undefined ? [] : impliedScopes(request))],
    injection: request,
    problems: [
      ...(tooLong ? [{ field, message: `expected at most ${MAX_NEEDS_LENGTH} characters` }] : []),
      ...parsed.problems.map((problem) => ({ field, ...problem })),
      ...problems,
    ],
    notes: notes.map(({ line, message }) => `${field}, line ${line}: ${message}`),
  };
}

/** Our annotations on a workload's own metadata do nothing there, so they are a mistake to be told. */
export function misplaced(workload: Workload): readonly FieldProblem[] {
  return Object.keys(workload.ownAnnotations)
    .filter((key) => key.startsWith(PREFIX) && key !== BREAK_GLASS)
    .map((key) => ({
      field: `metadata.annotations[${key}]`,
      message: 'belongs on the pod template (spec.template.metadata.annotations)',
    }));
}
