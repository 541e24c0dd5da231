/** The least role for what a refusal names. The text is foreign: what it makes somebody give is theirs to judge. */
import { printResource, printScope } from '../scope/print.ts';
import { riskOf } from '../scope/risk.ts';
import type { KubernetesScope, Scope } from '../scope/scope.ts';
import { shellWord } from '../shell.ts';
import { type LeastRole, leastRoles } from '../verdict/fix-roles.ts';
import type { Subject } from './explanation.ts';

export interface RbacFix {
  readonly lines: readonly string[];
  readonly roles: readonly LeastRole[];
}

export const NO_FIX: RbacFix = { lines: [], roles: [] };

export function rbacFix(subject: Subject | undefined, missing: readonly Scope[]): RbacFix {
  const scopes = missing.filter((scope) => scope.kind !== 'vault');
  const [first] = scopes;
  if (subject?.kind === 'Anonymous') return { lines: [ANONYMOUS], roles: [] };
  if (subject?.kind === 'Node') return { lines: [NODE], roles: [] };
  if (first === undefined) return NO_FIX;
  const cautions = scopes.flatMap(cautionOf);
  if (scopes.some(({ verbs }) => verbs.some((verb) => verb.startsWith('impersonate')))) {
    return { lines: [...cautions, ...IMPERSONATION], roles: [] };
  }
  if (subject === undefined)
    return { lines: [...cautions, `let a role of the one who asked give ${printScope(first)}`], roles: [] };
  switch (subject.kind) {
    case 'ServiceAccount': {
      const account = { namespace: subject.namespace ?? '', name: subject.name };
      return { lines: [...cautions, GIVE], roles: leastRoles({ account, objects: NO_OBJECTS }, scopes) };
    }
    case 'User':
      return { lines: [...cautions, ...commands(subject.name, first)], roles: [] };
  }
}

const ANONYMOUS = 'send credentials; system:anonymous should be given nothing';
const NODE = 'give kubelets nothing through RBAC: the node authorizer knows what they need';
/** Not `apply`: a role of that name may give the account something else already. */
const GIVE =
  'kubectl create -f - (which overwrites nothing) with this, or the same in the chart that made the service account:';

const IMPERSONATION = [
  'allow impersonate on the user, group or service account by its name (resourceNames), or, where the API server constrains it,',
  'the narrower impersonate:MODE on it with impersonate-on:MODE:VERB on what is to be done as it',
];

/** Nothing of the cluster is known here: no name is taken. */
const NO_OBJECTS = {
  role: () => undefined,
  binding: () => undefined,
  bindingsTo: () => [],
  labels: () => ({}),
};

function cautionOf(scope: Scope): readonly string[] {
  const { risk, reason } = riskOf(scope);
  if (risk !== 'critical' && risk !== 'high') return [];
  const why = reason === undefined ? '' : `: ${reason}`;
  return [`careful: ${printScope(scope)} is ${risk}${why}`];
}

function commands(user: string, scope: KubernetesScope): readonly string[] {
  const namespace =
    scope.kind === 'resource' && typeof scope.place === 'object' ? scope.place.namespace : undefined;
  const [role, binding] =
    namespace === undefined ? ['clusterrole', 'clusterrolebinding'] : ['role', 'rolebinding'];
  const place = namespace === undefined ? '' : ` -n ${shellWord(namespace)}`;
  const name = nameFor(scope);
  const verbs = `--verb=${shellWord(scope.verbs.join(','))}`;
  return [
    `kubectl create ${role} ${name} ${[verbs, ...whatOf(scope)].join(' ')}${place}`,
    `kubectl create ${binding} ${name} --${role}=${name} --user=${shellWord(user)}${place}`,
  ];
}

function whatOf(scope: KubernetesScope): readonly string[] {
  if (scope.kind === 'url') return [`--non-resource-url=${shellWord(scope.url)}`];
  const resource = `--resource=${shellWord(printResource(scope.group, scope.resource))}`;
  return [resource, ...scope.names.map((name) => `--resource-name=${shellWord(name)}`)];
}

const MAX_NAME = 60;

function nameFor(scope: KubernetesScope): string {
  const what = scope.kind === 'url' ? scope.url : scope.resource;
  const slug = `${scope.verbs.join('-')}-${what}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return slug.slice(0, MAX_NAME).replaceAll(/^-|-$/g, '') || 'added';
}
