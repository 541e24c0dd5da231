import type { Labels } from '../labels.ts';
import { counted, shown } from '../text.ts';
import { BOOTSTRAP_TABLE } from './bootstrap-table.ts';
import { type Reach, reachOf } from './reach.ts';
import type { Binding, Role } from './rules.ts';

/** Whose an object of RBAC is: what must not be edited here would be written back, or break others. */

/** The API server writes these roles again at every start (pkg/registry/rbac/rest/storage_rbac.go). */
export function isStock({ namespace, name }: Pick<Role, 'namespace' | 'name'>): boolean {
  if (name.startsWith('system:')) return true;
  return BOOTSTRAP_TABLE.some((entry) => entry.name === name && entry.namespace === namespace);
}

/** Labels by which tools know what they write. */
const TOOLS: readonly (readonly [label: string, what: string])[] = [
  ['argocd.argoproj.io/instance', 'the Argo CD application'],
  ['kustomize.toolkit.fluxcd.io/name', 'the Flux Kustomization'],
  ['helm.toolkit.fluxcd.io/name', 'the Flux HelmRelease'],
];

/** `the Helm release shop`: who writes an object again; `undefined`: nobody that its labels name. */
export function writerOf(labels: Labels): string | undefined {
  for (const [label, what] of TOOLS) {
    const name = labels[label];
    if (name) return `${what} ${shown(name)}`;
  }
  const tool = labels['app.kubernetes.io/managed-by'];
  if (!tool) return undefined;
  const instance = labels['app.kubernetes.io/instance'];
  if (tool !== 'Helm') return shown(tool);
  return instance ? `the Helm release ${shown(instance)}` : 'a Helm release';
}

/** Whom a change of these bindings touches: `every service account of shop`, `3 accounts, 1 other subject`. */
export function touched(bindings: readonly Binding[]): string {
  const reaches = bindings.flatMap(reachOf);
  if (reaches.some(({ kind }) => kind === 'all')) return 'every service account of the cluster';
  const places = reaches.flatMap((reach) => (reach.kind === 'namespace' ? [reach.namespace] : []));
  const accounts = new Set(reaches.flatMap(accountKey));
  const subjects = bindings.reduce((sum, { subjects: { length } }) => sum + length, 0);
  const others = subjects - reaches.length;
  const parts = [
    ...[...new Set(places)].slice(0, 3).map((place) => `every service account of ${shown(place)}`),
    ...(accounts.size === 0 ? [] : [counted(accounts.size, 'account')]),
    ...(others === 0 ? [] : [counted(others, 'other subject')]),
  ];
  return parts.join(', ') || 'nobody';
}

function accountKey(reach: Reach): readonly string[] {
  return reach.kind === 'account' ? [`${reach.account.namespace}/${reach.account.name}`] : [];
}
