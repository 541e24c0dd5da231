import { type JsonObject, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import { type FieldProblem, PREFIX } from './annotations.ts';
import type { InjectionRequest } from './request.ts';
import type { InjectionSettings } from './settings.ts';

/** Where a pod may run, and whether everything works there. */

export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `status.nodeInfo.kubeletVersion`: `v1.37.2`; `undefined`: it has not said. */
  readonly kubeletVersion: string | undefined;
}

/** What an injection asks of kubelet. An older one ignores the field, and the program starts without its credentials. */
interface Demand {
  readonly field: string;
  /** Of Kubernetes 1. */
  readonly minor: number;
  readonly instead: string;
}

/**
 * Problems with the nodes that the pod's `nodeSelector` leaves; where it leaves none (they may be yet to come), with all
 * there are. No node that is known is no problem. Affinity and taints are not looked at: they can only leave fewer.
 */
export function nodeProblems(
  demands: readonly Demand[],
  spec: JsonObject,
  nodes: () => Iterable<NodeFacts>,
): readonly FieldProblem[] {
  if (demands.length === 0) return [];
  const all = [...nodes()];
  const selector = Object.entries(objectOf(spec['nodeSelector']));
  const selected = all.filter(({ labels }) =>
    selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  const eligible = selected.length > 0 ? selected : all;
  return demands.flatMap(({ field, minor, instead }) => {
    const old = eligible.filter(({ kubeletVersion }) => minorOf(kubeletVersion) < minor);
    const [first] = old;
    if (first === undefined) return [];
    const more = old.length > 1 ? ` and ${old.length - 1} more` : '';
    const found = `node ${shown(first.name, 63)} has ${shown(first.kubeletVersion ?? 'none', 40)}${more}`;
    return [
      {
        field,
        message: `needs kubelet 1.${minor} on every node that the pod may run on; ${found}; ${instead}`,
      },
    ];
  });
}

/** Distributions put more behind it: `v1.33.1-gke.100`, `v1.30.4-eks-16b398d`. */
export function minorOf(version: string | undefined): number {
  const match = /^v(\d+)\.(\d+)\./.exec(version ?? '');
  return match === null ? -1 : (Number(match[1]) - 1) * 1000 + Number(match[2]);
}

/** KEP-753 (beta, on by default), KEP-3721 with the quoted format, KEP-5532. */
export const SIDECAR_MINOR = 29;
export const ENV_MINOR = 35;
export const RESTART_MINOR = 36;

const USE_FILES = `let the program read a file (${PREFIX}file.<file name>), which works everywhere`;

export function demandsOf({ env, rotate }: InjectionRequest, sidecar: boolean): readonly Demand[] {
  const [variable] = env;
  return [
    ...(sidecar
      ? [
          {
            field: `${PREFIX}agent`,
            minor: SIDECAR_MINOR,
            instead: 'ask for "init": credentials are fetched once, when the pod starts',
          },
        ]
      : []),
    ...(variable === undefined ? [] : [{ field: variable.field, minor: ENV_MINOR, instead: USE_FILES }]),
    ...(rotate === 'restart' ? [{ field: `${PREFIX}rotate`, minor: RESTART_MINOR, instead: USE_FILES }] : []),
  ];
}

/** kubelet finds the env file on its own disk, which not every runtime shares with its containers (virtual machines). */
export function runtimeProblems(
  { env }: InjectionRequest,
  spec: JsonObject,
  settings: Pick<InjectionSettings, 'env'>,
): readonly FieldProblem[] {
  const [variable] = env;
  const name = textOf(spec['runtimeClassName']) ?? '';
  if (variable === undefined || name === '' || settings.env.runtimeClasses.includes(name)) return [];
  const unknown = `it is not known whether runtime class ${shown(name, 63)} can give variables`;
  return [
    {
      field: variable.field,
      message: `${unknown} (injection.env.runtimeClasses in the configuration); ${USE_FILES}`,
    },
  ];
}
