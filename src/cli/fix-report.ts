import type { WorkloadClaim } from '../core/admission/workload.ts';
import type { Binding, PolicyRule, Role } from '../core/rbac/rules.ts';
import { scopesOfRule } from '../core/scope/from-rule.ts';
import { printScope } from '../core/scope/print.ts';
import type { Account } from '../core/scope/scope.ts';
import { shellWord } from '../core/shell.ts';
import { shown } from '../core/text.ts';
import { printVaultPolicy } from '../core/vault/print.ts';
import { viaText } from '../core/verdict/findings.ts';
import type { Advice, Deletion, Fix, NarrowedRole } from '../core/verdict/fix.ts';
import type { LeastRole } from '../core/verdict/fix-roles.ts';
import type { VaultFix } from '../core/verdict/fix-vault.ts';
import { subject } from '../core/verdict/message.ts';
import type { CliHost, Style } from './host.ts';
import { manifest } from './manifest.ts';

/** What is to be done for one service account, and how `fix` prints it. */
export interface AccountFix {
  readonly account: Account;
  /** Those that run as it. */
  readonly workloads: readonly WorkloadClaim[];
  readonly fix: Fix;
}

/** For `kubectl apply -f -`: objects, and all else as comments. */
export function fixYaml(fixes: readonly AccountFix[]): string {
  return fixes.flatMap(documentsOf).join('\n---\n');
}

function documentsOf(one: AccountFix): readonly string[] {
  const { roles, narrowed, deletions, vault, advice } = one.fix;
  const rest = [
    ...vault.flatMap((fix) => ['in Vault:', ...vaultCommands(fix).flatMap((text) => text.split('\n'))]),
    ...advice.map(({ kind, text }) => `${kind}: ${text}`),
    ...deletions.map((deletion) => `then: ${command(deletion)}   (${deletion.why})`),
    ...(isDone(one.fix) ? ['nothing to fix'] : []),
  ];
  const head = comments([header(one), ...rest]);
  const [first, ...others] = [...roles.flatMap(leastDocuments), ...narrowed.map(narrowedDocument)];
  return first === undefined ? [head] : [`${head}\n${first}`, ...others];
}

function leastDocuments({ role, binding, scopes, remarks }: LeastRole): readonly string[] {
  const why = [...scopes.map((scope) => `needed: ${printScope(scope)}`), ...remarks];
  return [`${comments(why)}\n${roleDocument(role)}`, bindingDocument(binding)];
}

function narrowedDocument(role: NarrowedRole): string {
  return `${comments([`narrowed to what is needed of ${viaText(role.via)}`])}\n${roleDocument(role)}`;
}

function comments(lines: readonly string[]): string {
  return lines.map((line) => `# ${shown(line, 1000)}`).join('\n');
}

const GROUP = 'rbac.authorization.k8s.io';

function roleDocument(role: LeastRole['role'] & { readonly labels?: Role['labels'] }): string {
  return manifest(roleObject(role));
}

/** As it is applied, without its own `undefined`s once it is printed. */
export function roleObject(role: LeastRole['role'] & { readonly labels?: Role['labels'] }) {
  const labels = role.labels !== undefined && Object.keys(role.labels).length > 0 ? role.labels : undefined;
  return {
    apiVersion: `${GROUP}/v1`,
    kind: role.kind,
    metadata: { name: role.name, namespace: role.namespace, labels },
    rules: role.rules.map(ruleFields),
  };
}

function given(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Without the lists that are empty, as people write rules. */
function ruleFields({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule) {
  return {
    apiGroups: given(apiGroups),
    resources: given(resources),
    resourceNames: given(resourceNames),
    nonResourceURLs: given(nonResourceURLs),
    verbs,
  };
}

function bindingDocument(binding: Binding): string {
  return manifest(bindingObject(binding));
}

export function bindingObject({ kind, namespace, name, roleRef, subjects }: Binding) {
  return {
    apiVersion: `${GROUP}/v1`,
    kind,
    metadata: { name, namespace },
    roleRef: { apiGroup: GROUP, kind: roleRef.kind, name: roleRef.name },
    subjects: subjects.map((one) => ({ kind: one.kind, name: one.name, namespace: one.namespace })),
  };
}

const STYLES: Readonly<Record<Advice['kind'], Style>> = { refused: 'red', ask: 'yellow', open: 'yellow' };

/** For people: a line for each thing to do. */
export function fixText(fixes: readonly AccountFix[], paint: CliHost['paint']): string {
  const blocks = fixes.map((one) => {
    const { roles, narrowed, deletions, vault, advice } = one.fix;
    const lines: readonly (readonly [Style, string, string])[] = [
      ...roles.map((role) => ['green', 'give', givenText(role)] as const),
      ...narrowed.map((role) => ['green', 'narrow', narrowedText(role)] as const),
      ...deletions.map(
        (deletion) => ['yellow', 'delete', `${command(deletion)}   (${deletion.why})`] as const,
      ),
      ...vault.flatMap((fix) => vaultCommands(fix).map((text) => ['yellow', 'run', text] as const)),
      ...advice.map(({ kind, text }) => [STYLES[kind], kind, text] as const),
      ...(isDone(one.fix) ? [['green', 'pass', 'nothing to fix'] as const] : []),
    ];
    return [
      header(one),
      ...lines.map(([style, label, text]) => `  ${paint(style, label.padEnd(7))} ${shownLines(text)}`),
    ].join('\n');
  });
  const applies = fixes.some(({ fix }) => fix.roles.length + fix.narrowed.length > 0);
  const next = applies ? ['next: the same with -o yaml, piped to kubectl apply -f -'] : [];
  return [...(blocks.length === 0 ? ['nothing to judge'] : blocks), ...next].join('\n');
}

function givenText({ role, scopes, remarks }: LeastRole): string {
  return [`${idOf(role)} with its binding: ${scopes.map(printScope).join('; ')}`, ...remarks].join('; ');
}

function narrowedText(role: NarrowedRole): string {
  const place = role.namespaceOfRules === undefined ? 'everywhere' : { namespace: role.namespaceOfRules };
  const scopes = role.rules.flatMap((rule) => [...scopesOfRule(rule, place)]);
  return `${idOf(role)} to ${scopes.map(printScope).join('; ')}`;
}

function idOf({ kind, namespace, name }: Pick<Role, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function header({ account, workloads }: AccountFix): string {
  const names = workloads.slice(0, 3).map(subject);
  const more = workloads.length > names.length ? ` and ${workloads.length - names.length} more` : '';
  return `${names.join(', ')}${more} as serviceaccount ${shown(`${account.namespace}/${account.name}`)}`;
}

function command({ binding: { kind, namespace, name } }: Deletion): string {
  const place = namespace === undefined ? '' : ` -n ${shellWord(namespace)}`;
  return `kubectl delete ${kind.toLowerCase()} ${shellWord(name)}${place}`;
}

/** For somebody who may write policies there; the address is left to the command's own settings. */
function vaultCommands({ login: { mount, role }, policy, fields }: VaultFix): readonly string[] {
  const settings = fields.map(([field, value]) => `${field}=${shellWord(value)}`).join(' ');
  const write = `vault write ${shellWord(`auth/${mount}/role/${role}`)} ${settings}`;
  if (policy === undefined) return [write];
  return [
    `vault policy write ${shellWord(policy.name)} - <<'EOF'\n${printVaultPolicy(policy.rules)}EOF`,
    write,
  ];
}

function shownLines(text: string): string {
  return text
    .split('\n')
    .map((line) => shown(line, 2000))
    .join('\n');
}

function isDone({ roles, narrowed, deletions, vault, advice }: Fix): boolean {
  return roles.length + narrowed.length + deletions.length + vault.length + advice.length === 0;
}
