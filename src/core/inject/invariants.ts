import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import { type FieldProblem, INJECT, INJECTED } from './annotations.ts';
import { withoutOurs } from './bare.ts';
import type { Login } from './config.ts';
import { mintedIn } from './configured.ts';
import { differences, intrusions } from './differences.ts';
import { MIRROR_ANNOTATION, OUR_CONTAINERS } from './names.ts';
import type { NodeFacts } from './nodes.ts';
import { partsOf, usesOf } from './parts.ts';
import { applyPlan } from './patch.ts';
import { planInjection } from './plan.ts';
import { bounded } from './problems.ts';
import { isMirror, isNode } from './refusals.ts';
import { type InjectionRequest, parseInjection } from './request.ts';
import { isSealed } from './seal.ts';
import type { InjectionSettings } from './settings.ts';
import { imageProblems, surroundingProblems } from './surroundings.ts';

/**
 * What must hold of pods, whoever made them: a pod that asked for credentials carries Countersign's parts
 * unaltered, and a pod that did not ask carries none. An invariant, not equality: others may add what they
 * like around our parts.
 */

export interface InjectedInput {
  /** As the API server is about to store it. */
  readonly pod: unknown;
  readonly namespace: string;
  /** Name of its ServiceAccount. */
  readonly account: string;
  /** What policy gives it now; nothing of it was minted. */
  readonly login: Omit<Login, 'minted'>;
  /** Who asks. */
  readonly username: string;
  readonly settings: InjectionSettings;
  readonly nodes: () => Iterable<NodeFacts>;
}

/** A pod that is created; what is wrong with it, each with its place. Total. */
export function checkInjected(input: InjectedInput): readonly FieldProblem[] {
  const { pod, namespace, account, login, username, settings } = input;
  if (isMirror(pod)) return isNode(username) ? [] : [MIRROR_OF_OTHERS];
  const annotations = annotationsOf(pod);
  const { request, problems } = parseInjection(annotations);
  if (problems.length > 0) return problems;
  if (request === undefined) return notAsked(pod, annotations);
  if (!Object.hasOwn(annotations, INJECTED)) return notInjected(input, request);
  const surroundings = surroundingProblems(pod, login, settings);
  const altered = isSealed({ namespace, account, pod }, settings) ? [] : alterations(input, request);
  return bounded([...altered, ...surroundings]);
}

const MIRROR_OF_OTHERS: FieldProblem = {
  field: MIRROR_ANNOTATION,
  message: 'only a node may create the mirror of a static pod',
};

function notAsked(pod: unknown, annotations: JsonObject): readonly FieldProblem[] {
  const forged = {
    field: INJECTED,
    message: `the pod does not ask for credentials; remove it, or add ${INJECT}: "true"`,
  };
  return bounded([
    ...(Object.hasOwn(annotations, INJECTED) ? [forged] : []),
    ...intrusions(partsOf(pod, { platformUsers: false })),
  ]);
}

/** Why a pod that asks carries nothing: what its author can mend, else that the webhook was away. */
function notInjected(input: InjectedInput, request: InjectionRequest): readonly FieldProblem[] {
  const outcome = isObject(input.pod) ? planInjection({ ...input, pod: input.pod, request }) : undefined;
  if (outcome?.kind === 'problems') return outcome.problems;
  const away = 'the webhook inject.countersign.dev did not answer';
  const cause =
    input.login.issuance.kind === 'login'
      ? away
      : `Vault (connection ${shown(request.vault, 63)}) gave no wrapped token, a policy denies the pod, or ${away}`;
  return [{ field: INJECT, message: `the pod asks for credentials and has none: ${cause}; try again` }];
}

/** What differs from what would be injected now; where nothing does, the seal itself is not ours. */
function alterations(input: InjectedInput, request: InjectionRequest): readonly FieldProblem[] {
  const options = { platformUsers: input.settings.runAsUser === undefined };
  const actual = partsOf(input.pod, options);
  if (actual.every(({ path: [place] }) => place === 'metadata.annotations')) {
    return [{ field: INJECTED, message: 'nothing else of an injection is there; remove this annotation' }];
  }
  const bare = withoutOurs(input.pod);
  const outcome = planInjection({ ...input, pod: bare, request, login: asInjected(input) });
  const found =
    outcome.kind === 'plan' ? differences(partsOf(applyPlan(outcome.plan, bare), options), actual) : [];
  if (found.length > 0) return found;
  const { namespace, account } = input;
  const whom = `this pod and service account ${shown(`${namespace}/${account}`)}`;
  const message = `was not made by this Countersign for ${whom}; create the pod without it`;
  const problem = { field: INJECTED, message };
  return outcome.kind === 'problems' ? [...outcome.problems, problem] : [problem];
}

/** With what was minted for the pod; where nothing was, the webhook let it log in. */
function asInjected({ pod, login }: InjectedInput): Login {
  const minted = mintedIn(pod);
  return minted === undefined ? { ...login, issuance: { kind: 'login' } } : { ...login, minted };
}

/**
 * A pod that is updated: old and new are compared, whatever keys and policies say now. Nothing of ours may
 * change but the image, and that within the agent's repositories.
 */
export function checkUpdate(
  old: unknown,
  pod: unknown,
  { agentRepositories }: Pick<InjectionSettings, 'agentRepositories'>,
): readonly FieldProblem[] {
  const options = { platformUsers: false };
  const sealKept = annotationsOf(old)[INJECTED] === annotationsOf(pod)[INJECTED];
  const changed = [
    ...differences(partsOf(old, options), partsOf(pod, options)).map(({ field }) => field),
    ...(sealKept ? [] : [INJECTED]),
  ];
  const message = "may not change on a pod; change the workload's template";
  const known = imageProblems(specOf(old), agentRepositories).map((problem) => problem.message);
  return bounded([
    ...changed.map((field) => ({ field, message })),
    ...imageProblems(specOf(pod), agentRepositories).filter((problem) => !known.includes(problem.message)),
  ]);
}

/**
 * A pod whose ephemeral containers change: none may use our volumes, enter our containers or take their
 * names.
 */
export function checkEphemeral(pod: unknown): readonly FieldProblem[] {
  const containers = listOf(specOf(pod)['ephemeralContainers']).map(objectOf);
  return bounded(containers.flatMap(ephemeralProblems));
}

function ephemeralProblems(container: JsonObject): readonly FieldProblem[] {
  const name = textOf(container['name']) ?? '';
  const place = `spec.ephemeralContainers[${shown(name, 63)}]`;
  const problems = usesOf(container).map(({ path: [field = '', entry = ''] }) => ({
    field: `${place}.${field}[${shown(entry, 63)}]`,
    message: "uses a volume of Countersign's",
  }));
  if (OUR_CONTAINERS.includes(name)) {
    problems.push({ field: `${place}.name`, message: "this container's name belongs to Countersign" });
  }
  if (OUR_CONTAINERS.includes(textOf(container['targetContainerName']) ?? '')) {
    problems.push({ field: `${place}.targetContainerName`, message: "enters Countersign's own container" });
  }
  return problems;
}

function specOf(pod: unknown): JsonObject {
  return objectOf(objectOf(pod)['spec']);
}

function annotationsOf(pod: unknown): JsonObject {
  return objectOf(objectOf(objectOf(pod)['metadata'])['annotations']);
}
