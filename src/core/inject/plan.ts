import type { JsonObject } from '../json.ts';
import { shown } from '../text.ts';
import { commonUser, consumerMount, initContainer, sidecarContainer, volumes } from './agent-container.ts';
import { ACCESSOR, type FieldProblem, INJECTED, ISSUANCE, PREFIX, sortedKeys } from './annotations.ts';
import { agentConfig, configProblems, configText, type Login } from './config.ts';
import { type Consumer, initPosition, selectConsumers } from './consumers.ts';
import { intrusions } from './differences.ts';
import { envEntry } from './env-entries.ts';
import { PLACEHOLDER } from './issuance.ts';
import { hasSidecar, rotationProblems } from './lasting.ts';
import { demandsOf, type NodeFacts, nodeProblems, runtimeProblems } from './nodes.ts';
import { hasFiles } from './outputs.ts';
import { partsOf } from './parts.ts';
import { applyPlan, type InjectionPlan } from './patch.ts';
import { type PodOutline, readPod } from './pod.ts';
import { bounded } from './problems.ts';
import { guaranteedCpu } from './qos.ts';
import { isMirror, refusals } from './refusals.ts';
import type { InjectionRequest } from './request.ts';
import { isSealed, sealOf } from './seal.ts';
import type { InjectionSettings, VaultConnection } from './settings.ts';
import { surroundingProblems } from './surroundings.ts';

export interface PlanInput {
  readonly request: InjectionRequest;
  /** The whole Pod. */
  readonly pod: JsonObject;
  readonly namespace: string;
  /** Name of its ServiceAccount. */
  readonly account: string;
  /** What policy gives it. */
  readonly login: Login;
  readonly settings: InjectionSettings;
  /** Those that are known, asked for where it matters. */
  readonly nodes: () => Iterable<NodeFacts>;
}

export type PlanOutcome =
  | { readonly kind: 'plan'; readonly plan: InjectionPlan }
  | { readonly kind: 'problems'; readonly problems: readonly FieldProblem[] }
  /**
   * There is nothing to add: a whole injection is there `already`; there is one that was `altered`, which the
   * validator refuses; or it is a `mirror` of a static pod.
   */
  | { readonly kind: 'nothing'; readonly reason: 'already' | 'altered' | 'mirror' };

/**
 * Total for any pod; the same input gives the same plan. All problems at once.
 * @throws ERR_CONFIG where the settings hold no key to sign with.
 */
export function planInjection(input: PlanInput): PlanOutcome {
  const draft = draftOf(input);
  if (draft.kind !== 'draft') return draft;
  const plan = unsealedPlan(input, draft);
  const { namespace, account, pod, settings } = input;
  const seal = sealOf({ namespace, account, pod: applyPlan(plan, pod) }, settings);
  return { kind: 'plan', plan: { ...plan, annotations: { ...plan.annotations, [INJECTED]: seal } } };
}

/** Why the injection is not possible, without planning it: for templates, whose pods are yet to come. */
export function injectionProblems(input: PlanInput): readonly FieldProblem[] {
  const draft = draftOf(input);
  return draft.kind === 'problems' ? draft.problems : [];
}

/** Everything that a plan needs to know, found in order. */
interface Draft {
  readonly kind: 'draft';
  readonly outline: PodOutline;
  readonly connection: VaultConnection;
  readonly consumers: readonly Consumer[];
  /** Where our containers go among the init containers. */
  readonly at: number;
  /** The agent's, as text. */
  readonly config: string;
}

function draftOf(input: PlanInput): Draft | Exclude<PlanOutcome, { readonly kind: 'plan' }> {
  const { pod, request, settings } = input;
  if (isMirror(pod)) return { kind: 'nothing', reason: 'mirror' };
  const { outline, problems: shape } = readPod(pod);
  if (shape.length > 0) return { kind: 'problems', problems: bounded(shape) };
  if (Object.hasOwn(outline.annotations, INJECTED)) {
    return { kind: 'nothing', reason: isIntact(input) ? 'already' : 'altered' };
  }
  const connection = Object.hasOwn(settings.vaults, request.vault)
    ? settings.vaults[request.vault]
    : undefined;
  const { consumers, problems: selection } = selectConsumers(request, outline);
  const { at, problems: order } = initPosition(request, outline, consumers);
  const config = connection === undefined ? '' : configText(agentConfig(request, connection, input.login));
  const problems = [
    ...refusals(outline.spec, outline.annotations),
    ...intrusions(partsOf(pod, { platformUsers: false })),
    ...selection,
    ...order,
    ...runtimeProblems(request, outline.spec, settings),
    ...(connection === undefined
      ? [noConnection(request.vault, settings)]
      : connectionProblems(input, outline, connection, config)),
  ];
  if (connection === undefined || problems.length > 0)
    return { kind: 'problems', problems: bounded(problems) };
  return { kind: 'draft', outline, connection, consumers, at, config };
}

/** What the connection decides: whether the paths are right, whether a sidecar is needed, and whether the nodes can do it. */
function connectionProblems(
  { request, nodes }: PlanInput,
  { spec }: PodOutline,
  connection: VaultConnection,
  config: string,
): readonly FieldProblem[] {
  return [
    ...configProblems(request, connection, config),
    ...rotationProblems(request, connection),
    ...nodeProblems(demandsOf(request, hasSidecar(request, connection)), spec, nodes),
  ];
}

function isIntact({ pod, namespace, account, login, settings }: PlanInput): boolean {
  return (
    isSealed({ namespace, account, pod }, settings) && surroundingProblems(pod, login, settings).length === 0
  );
}

function noConnection(name: string, { vaults }: InjectionSettings): FieldProblem {
  const known = shown(sortedKeys(vaults).join(', '), 200);
  return {
    field: `${PREFIX}vault`,
    message: `there is no connection ${shown(name, 63)}; there are ${known}`,
  };
}

function unsealedPlan(
  { request, settings, login: { issuance, minted = PLACEHOLDER } }: PlanInput,
  { outline, connection, consumers, at, config }: Draft,
): InjectionPlan {
  const wrapped = issuance.kind === 'wrapped';
  const choices = {
    config,
    runAsUser: commonUser(
      outline.spec,
      consumers.map(({ container }) => container),
      settings,
    ),
    guaranteedCpu: guaranteedCpu(outline.spec),
    files: hasFiles(request),
    env: request.env.length > 0,
    restarts: request.rotate === 'restart',
    logsIn: !wrapped || issuance.fallback === 'login',
    wrappingToken: wrapped ? minted.wrappingToken : undefined,
  };
  const init = initContainer(choices, settings);
  const sidecar = hasSidecar(request, connection) ? [sidecarContainer(choices, settings)] : [];
  return {
    volumes: volumes(connection, choices),
    consumers: consumers.map(({ list, index, files, variables }) => ({
      list,
      index,
      env: variables.map(({ variable }) => envEntry(variable)),
      volumeMounts: files ? [consumerMount()] : [],
    })),
    initContainers: { at, containers: [init, ...sidecar] },
    labels: wrapped ? { [ISSUANCE]: issuance.kind } : {},
    annotations: wrapped ? { [ACCESSOR]: minted.accessor } : {},
  };
}
