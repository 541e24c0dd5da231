import { isObject } from '../core/json.ts';
import { type LabelSelector, type Labels, readSelector } from '../core/labels.ts';
import type { Binding, PolicyRule, Role, RoleRef, Subject } from '../core/rbac/rules.ts';
import type { Identity } from './identity.ts';
import type { Pool } from './pool.ts';
import {
  complain,
  objectAt,
  objectsAt,
  requiredObjectAt,
  type Spot,
  textAt,
  textMapAt,
  textsAt,
} from './spot.ts';

/**
 * Roles and bindings, as far as they decide. What the API server would refuse (pkg/apis/rbac/validation/validation.go) is
 * reported, since it means that the author wanted something else.
 */
export function readRole(kind: Role['kind'], spot: Spot, identity: Identity, pool: Pool): Role {
  const isCluster = kind === 'ClusterRole';
  return {
    kind,
    ...identity,
    rules: objectsAt(spot, 'rules').map((rule) => readRule(kind, rule, pool)),
    labels: isCluster ? readLabels(objectAt(spot, 'metadata'), pool) : NO_LABELS,
    gathers: isCluster ? readGathers(spot) : undefined,
  };
}

const NO_LABELS: Labels = Object.freeze({});

function readLabels(metadata: Spot, pool: Pool): Labels {
  const written = Object.entries(textMapAt(metadata, 'labels'));
  if (written.length === 0) return NO_LABELS;
  return Object.fromEntries(written.map(([key, value]) => [pool.text(key), pool.text(value)]));
}

function readGathers(spot: Spot): readonly LabelSelector[] | undefined {
  const aggregation = objectAt(spot, 'aggregationRule');
  if (!isObject(spot.object['aggregationRule'])) return undefined;
  return objectsAt(aggregation, 'clusterRoleSelectors').flatMap((selector) => {
    const read = readSelector(selector.object);
    if (read === undefined) complain(selector, 'matchExpressions', 'expected a label selector');
    return read ?? [];
  });
}

function readRule(kind: Role['kind'], spot: Spot, pool: Pool): PolicyRule {
  const rule: PolicyRule = {
    verbs: pool.texts(textsAt(spot, 'verbs')),
    apiGroups: pool.texts(textsAt(spot, 'apiGroups')),
    resources: pool.texts(textsAt(spot, 'resources')),
    resourceNames: pool.texts(textsAt(spot, 'resourceNames')),
    nonResourceURLs: pool.texts(textsAt(spot, 'nonResourceURLs')),
  };
  if (rule.verbs.length === 0) complain(spot, 'verbs', 'expected at least one verb');
  if (rule.nonResourceURLs.length > 0) {
    if (kind === 'Role')
      complain(spot, 'nonResourceURLs', 'expected none in a Role: only a ClusterRole grants URLs');
    else if (rule.resources.length > 0)
      complain(spot, 'resources', 'expected none in a rule with nonResourceURLs');
    return rule;
  }
  if (rule.apiGroups.length === 0)
    complain(spot, 'apiGroups', 'expected at least one API group; "" is the core group');
  if (rule.resources.length === 0) complain(spot, 'resources', 'expected at least one resource');
  return rule;
}

/** `undefined`: it refers to no role. */
export function readBinding(
  kind: Binding['kind'],
  spot: Spot,
  identity: Identity,
  pool: Pool,
): Binding | undefined {
  const roleRef = readRoleRef(kind, requiredObjectAt(spot, 'roleRef'), pool);
  const subjects = objectsAt(spot, 'subjects').flatMap((subject) => readSubject(kind, subject, pool));
  return roleRef && { kind, ...identity, roleRef, subjects };
}

function readRoleRef(kind: Binding['kind'], spot: Spot, pool: Pool): RoleRef | undefined {
  const refersTo = textAt(spot, 'kind') ?? '';
  const name = textAt(spot, 'name') ?? '';
  const kinds = kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(refersTo)) complain(spot, 'kind', `expected ${kinds.join(' or ')}`);
  if (name === '') complain(spot, 'name', 'expected the name of a role, found nothing');
  return refersTo === '' || name === '' ? undefined : { kind: pool.text(refersTo), name: pool.text(name) };
}

const SUBJECT_KINDS: readonly string[] = ['User', 'Group', 'ServiceAccount'];

function readSubject(kind: Binding['kind'], spot: Spot, pool: Pool): readonly Subject[] {
  const subjectKind = textAt(spot, 'kind') ?? '';
  const name = textAt(spot, 'name') ?? '';
  const namespace = textAt(spot, 'namespace') || undefined;
  if (!SUBJECT_KINDS.includes(subjectKind)) complain(spot, 'kind', `expected ${SUBJECT_KINDS.join(', ')}`);
  if (name === '') complain(spot, 'name', 'expected the name of a subject, found nothing');
  // Without one it means the binding's own namespace, which a ClusterRoleBinding has not.
  if (subjectKind === 'ServiceAccount' && kind === 'ClusterRoleBinding' && namespace === undefined) {
    complain(spot, 'namespace', 'expected the namespace of the service account, found nothing');
  }
  if (name === '') return [];
  return [{ kind: pool.text(subjectKind), name, namespace: namespace && pool.text(namespace) }];
}
