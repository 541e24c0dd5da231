import { CountersignError } from '../core/errors.ts';
import { refusalOf } from '../kube/refusal.ts';
import { apiServer } from './api-server.ts';
import { caBundle } from './ca-bundle.ts';
import { type Check, type Finding, fail, type Surroundings, unseen } from './check.ts';
import { configuration } from './configuration.ts';
import { crds } from './crds.ts';
import { nodes } from './nodes.ts';
import { policies } from './policies.ts';
import { reachability } from './reachability.ts';
import { registration } from './registration.ts';
import { replicas } from './replicas.ts';
import { rights } from './rights.ts';
import { service } from './service.ts';
import { vault } from './vault.ts';

/** Everything that the doctor found out, check by check. */
export interface Examined extends Finding {
  readonly check: string;
}

interface Examination {
  readonly name: string;
  run(surroundings: Surroundings): Promise<readonly Finding[]>;
}

function examinationOf<Asked>({ name, ask, judge }: Check<Asked>): Examination {
  return {
    name,
    async run(surroundings) {
      try {
        return judge(await ask(surroundings), surroundings);
      } catch (error) {
        return [unasked(error)];
      }
    },
  };
}

/** In the order in which one thing rests on another. */
const EXAMINATIONS: readonly Examination[] = [
  examinationOf(crds),
  examinationOf(configuration),
  examinationOf(registration),
  examinationOf(caBundle),
  examinationOf(service),
  examinationOf(reachability),
  examinationOf(replicas),
  examinationOf(rights),
  examinationOf(policies),
  examinationOf(nodes),
  examinationOf(vault),
];

export const CHECK_NAMES: readonly string[] = [apiServer.name, ...EXAMINATIONS.map(({ name }) => name)];

export async function examine(surroundings: Surroundings): Promise<readonly Examined[]> {
  const first = examinationOf(apiServer);
  const answers = labelled(first, await first.run(surroundings));
  // Without it there is nobody to ask.
  if (answers.some(({ state }) => state === 'fail')) return answers;
  const rest = await Promise.all(
    EXAMINATIONS.map(async (examination) => labelled(examination, await examination.run(surroundings))),
  );
  return [...answers, ...rest.flat()];
}

function labelled({ name }: Examination, findings: readonly Finding[]): readonly Examined[] {
  return findings.map((finding) => ({ check: name, ...finding }));
}

/** @throws what is no failure of somebody else: a bug. */
function unasked(error: unknown): Finding {
  if (!(error instanceof CountersignError)) throw error;
  const code = refusalOf(error)?.code;
  if (code === 401 || code === 403) {
    return unseen(
      `not looked at: ${error.message}`,
      'run it with a kubeconfig that may read this, such as that of a cluster administrator',
    );
  }
  return fail(error.message, 'look whether the API server answers: kubectl get --raw /readyz?verbose');
}
