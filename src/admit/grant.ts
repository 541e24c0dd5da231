import { carriesOut } from '../core/admission/controllers.ts';
import { declarationOf } from '../core/admission/declaration.ts';
import type { AdmissionRequest } from '../core/admission/review.ts';
import { objectOf, textOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import type { GrantEffects } from '../core/verdict/affected.ts';
import { tellGrant } from '../core/verdict/grant-message.ts';
import { ALLOW, type Answer, problemText } from './answer.ts';
import { type Effects, effectsOf } from './grant-effects.ts';
import { rereadFor } from './grant-live.ts';
import type { Admission } from './handler.ts';
import type { Facts, Supposed, Write } from './ports.ts';

/** `grant`: what would a write of a role, a binding or an account's needs do to those who run on them? */
export async function grant(
  request: AdmissionRequest,
  admission: Admission,
  deadline: AbortSignal,
): Promise<Answer> {
  const { facts, factsMaxAgeSeconds } = admission;
  if (isNoGrant(request, facts)) return ALLOW;
  const write = writeOf(request);
  const supposed = facts.supposing(write);
  if (supposed === undefined) return ALLOW;
  // Old facts tell neither what was nor what will be.
  if (facts.freshness().ageSeconds > factsMaxAgeSeconds) return { ...ALLOW, codes: ['FactsTooOld'] };
  const unreadable = write.kind === 'ServiceAccount' ? unreadableNeeds(supposed, facts) : undefined;
  if (unreadable !== undefined) return unreadable;
  const told = (effects: Effects): GrantEffects => ({
    operation: request.operation,
    object: write,
    ...effects,
  });
  const effects = await effectsOf(supposed, admission, deadline);
  if (!isDenied(effects) || admission.live === undefined) return answerOf(told(effects));
  const read = await rereadFor(effects, admission.live, deadline);
  return answerOf(told(await effectsOf(supposed, admission, deadline, read)));
}

/** Where kinds of these names are the API server's own. */
const GROUPS: Readonly<Record<string, string>> = {
  Role: 'rbac.authorization.k8s.io',
  ClusterRole: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  ClusterRoleBinding: 'rbac.authorization.k8s.io',
  ServiceAccount: '',
};

function isNoGrant(request: AdmissionRequest, facts: Facts): boolean {
  const { kind, group, subResource, operation, namespace, requester } = request;
  if (!Object.hasOwn(GROUPS, kind) || GROUPS[kind] !== group || subResource !== '') return true;
  if (operation === 'CONNECT' || carriesOut(requester.username)) return true;
  if (operation !== 'DELETE') return false;
  // An account that is gone leaves nobody to run; and whatever ends with its namespace was meant to.
  return kind === 'ServiceAccount' || facts.namespace(namespace)?.deleting === true;
}

function writeOf({ kind, namespace, name, operation, object, oldObject }: AdmissionRequest): Write {
  const metadata = objectOf(objectOf(operation === 'DELETE' ? oldObject : object)['metadata']);
  const own = textOf(metadata['name']) || name || textOf(metadata['generateName']) || '';
  return { kind, namespace, name: own, oldObject, object: operation === 'DELETE' ? undefined : object };
}

/** What these needs ask for is unknown, so there is nothing to judge; every later change of the workloads would be refused. */
function unreadableNeeds({ after, accounts }: Supposed, { resources }: Facts): Answer | undefined {
  const [account] = accounts;
  if (account === undefined) return undefined;
  const { namespace, name } = account;
  const { problems } = declarationOf({}, after.account(account)?.needs, { namespace, resources });
  if (problems.length === 0) return undefined;
  const who = `ServiceAccount ${namespace}/${name}`;
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `${who}: ${problemText(problem)}`);
  const warnings = lines.map((line) => shown(line, 250));
  return { verdict: 'warn', codes: ['DeclarationInvalid'], account, warnings };
}

const MAX_PROBLEMS = 12;

function isDenied({ workloads }: Effects): boolean {
  return workloads.some(({ decision }) => decision.outcome === 'deny');
}

function answerOf(effects: GrantEffects): Answer {
  const { workloads, notSeen } = effects;
  const more = notSeen.accounts + notSeen.workloads > 0 ? (['NotAllJudged'] as const) : [];
  if (workloads.length === 0 && more.length === 0) return ALLOW;
  const reasons = workloads.flatMap(({ decision }) => decision.findings.map(({ reason }) => reason));
  const codes = [...new Set([...reasons, ...more])];
  const { id: decision, warnings, denial, causes } = tellGrant(effects);
  if (!isDenied(effects)) return { verdict: 'warn', codes, decision, warnings };
  const refusal = { code: 403, reason: 'Forbidden', message: denial, causes } as const;
  return { verdict: 'deny', codes, decision, refusal };
}
