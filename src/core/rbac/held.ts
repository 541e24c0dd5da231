import type { PlacedRule } from '../scope/covers.ts';
import type { Account } from '../scope/scope.ts';
import type { Binding, Role, Subject } from './rules.ts';

/** Why a rule is held: which binding, which role, and the subject that matched. */
export interface Via {
  readonly binding: Pick<Binding, 'kind' | 'namespace' | 'name'>;
  readonly role: { readonly kind: string; readonly namespace: string | undefined; readonly name: string };
  /** The subject that matched where it is not the service account itself: `group system:serviceaccounts`, `user …`. */
  readonly through: string | undefined;
}

export interface HeldRule extends PlacedRule {
  readonly via: Via;
}

export interface Held {
  readonly rules: readonly HeldRule[];
  /** Bindings whose role does not exist: they grant nothing, and are findings of their own. */
  readonly dangling: readonly Via[];
  /** Bindings to an aggregated ClusterRole that has no rule (yet): what they will grant is not known. */
  readonly unfilled: readonly Via[];
}

/**
 * Roles and bindings, indexed by subject, so that what an account holds costs as much as its own bindings and not as
 * much as the cluster. Follows plugin/pkg/auth/authorizer/rbac/rbac.go and pkg/registry/rbac/validation/rule.go.
 */
export interface RbacIndex {
  putRole(role: Role): void;
  dropRole(kind: Role['kind'], namespace: string | undefined, name: string): void;
  putBinding(binding: Binding): void;
  dropBinding(kind: Binding['kind'], namespace: string | undefined, name: string): void;
  /** @param overlay what to take as otherwise than indexed. */
  held(account: Account, overlay?: RbacOverlay): Held;
  role(key: string): Role | undefined;
  binding(key: string): Binding | undefined;
  /** @param key of a role, which need not exist. */
  bindingsTo(key: string): Iterable<Binding>;
  clusterRoles(): Iterable<Role>;
}

/** Objects that are otherwise than the index has them: what a write would make of them, or what a live read found. */
export interface RbacOverlay {
  /** By `objectKey`; `undefined`: there is none. */
  readonly roles: ReadonlyMap<string, Role | undefined>;
  readonly bindings: ReadonlyMap<string, Binding | undefined>;
}

export function createRbacIndex(): RbacIndex {
  const roles = new Map<string, Role>();
  const bindings = new Map<string, Binding>();
  const clusterRoles = new Map<string, Role>();
  const bySubject = new Map<string, Set<string>>();
  const byRole = new Map<string, Set<string>>();

  function link(binding: Binding, key: string, change: 'add' | 'delete'): void {
    for (const subject of subjectKeys(binding)) enter(bySubject, subject, key, change);
    const role = roleKey(binding);
    if (role !== undefined) enter(byRole, role, key, change);
  }

  function dropBinding(key: string): void {
    const known = bindings.get(key);
    if (known === undefined) return;
    link(known, key, 'delete');
    bindings.delete(key);
  }

  return {
    putRole(role) {
      const key = objectKey(role);
      roles.set(key, role);
      if (role.kind === 'ClusterRole') clusterRoles.set(key, role);
    },
    dropRole(kind, namespace, name) {
      const key = objectKey({ kind, namespace, name });
      roles.delete(key);
      clusterRoles.delete(key);
    },
    putBinding(binding) {
      const key = objectKey(binding);
      dropBinding(key);
      bindings.set(key, binding);
      link(binding, key, 'add');
    },
    dropBinding: (kind, namespace, name) => dropBinding(objectKey({ kind, namespace, name })),
    held(account, overlay = NO_OVERLAY) {
      const held: MutableHeld = { rules: [], dangling: [], unfilled: [] };
      const roleOf = (key: string) => (overlay.roles.has(key) ? overlay.roles.get(key) : roles.get(key));
      const overlaid = [...overlay.bindings].flatMap(([key, binding]) =>
        binding === undefined ? [] : [{ key, binding, subjects: subjectKeys(binding) }],
      );
      const seen = new Set<string>(overlay.bindings.keys());
      for (const [subject, through] of identities(account)) {
        for (const key of bySubject.get(subject) ?? []) {
          const binding = bindings.get(key);
          // One binding that names the account twice (by name and through a group) grants once.
          if (binding === undefined || seen.has(key)) continue;
          seen.add(key);
          collect(held, binding, roleOf, through);
        }
      }
      for (const { binding, subjects } of overlaid) {
        const hit = identities(account).find(([subject]) => subjects.includes(subject));
        if (hit !== undefined) collect(held, binding, roleOf, hit[1]);
      }
      return held;
    },
    role: (key) => roles.get(key),
    binding: (key) => bindings.get(key),
    *bindingsTo(role) {
      for (const key of byRole.get(role) ?? []) {
        const binding = bindings.get(key);
        if (binding !== undefined) yield binding;
      }
    },
    clusterRoles: () => clusterRoles.values(),
  };
}

function enter(index: Map<string, Set<string>>, under: string, key: string, change: 'add' | 'delete'): void {
  const keys = index.get(under) ?? new Set();
  keys[change](key);
  if (keys.size === 0) index.delete(under);
  else index.set(under, keys);
}

const NO_OVERLAY: RbacOverlay = { roles: new Map(), bindings: new Map() };

type MutableHeld = { -readonly [K in keyof Held]: Held[K] extends readonly (infer T)[] ? T[] : never };

function collect(
  held: MutableHeld,
  binding: Binding,
  roleOf: (key: string) => Role | undefined,
  through?: string,
): void {
  const key = roleKey(binding);
  const role = key === undefined ? undefined : roleOf(key);
  const via: Via = { binding, role: referred(binding), through };
  if (role === undefined) held.dangling.push(via);
  else if (role.gathers !== undefined && role.rules.length === 0) held.unfilled.push(via);
  else for (const rule of role.rules) held.rules.push({ rule, namespace: binding.namespace, via });
}

/** What the binding says of its role. */
function referred({ namespace, roleRef: { kind, name } }: Binding): Via['role'] {
  return { kind, namespace: kind === 'Role' ? namespace : undefined, name };
}

/** The role that it refers to; `undefined` where there can be none: a ClusterRoleBinding has no namespace to look a Role up in. */
function roleKey(binding: Binding): string | undefined {
  const { kind } = binding.roleRef;
  const lost = kind === 'Role' ? binding.namespace === undefined : kind !== 'ClusterRole';
  return lost ? undefined : objectKey(referred(binding));
}

/** Every way to be this account: its name in three spellings, and the three groups of every service account token. */
function identities(account: Account): readonly (readonly [key: string, through: string | undefined])[] {
  const user = userName(account);
  return [
    [`sa ${account.namespace}/${account.name}`, undefined],
    [`user ${user}`, `user ${user}`],
    ...groupsOf(account).map((group) => [`group ${group}`, `group ${group}`] as const),
  ];
}

export function userName(account: Account): string {
  return `system:serviceaccount:${account.namespace}:${account.name}`;
}

/** pkg/serviceaccount/util.go MakeGroupNames, and the authenticated group adder. */
export function groupsOf(account: Account): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'];
}

function subjectKeys(binding: Binding): readonly string[] {
  return binding.subjects.flatMap((subject) => subjectKey(subject, binding.namespace) ?? []);
}

function subjectKey(subject: Subject, bindingNamespace: string | undefined): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `user ${subject.name}`;
    case 'Group':
      return `group ${subject.name}`;
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace === undefined ? undefined : `sa ${namespace}/${subject.name}`;
    }
    default:
      return undefined;
  }
}

/** Unique among roles and bindings. */
export function objectKey(object: {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}): string {
  return `${object.kind}/${object.namespace ?? ''}/${object.name}`;
}
