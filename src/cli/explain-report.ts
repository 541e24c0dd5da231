/** How an explanation is printed. */
import type { Explanation, Source, Subject } from '../core/explain/explanation.ts';
import { printScope } from '../core/scope/print.ts';
import { counted, shown } from '../core/text.ts';
import { bindingObject, roleObject } from './fix-report.ts';
import type { CliHost } from './host.ts';
import { manifest } from './manifest.ts';
import { json, plain } from './stored.ts';

const MAX_SCOPES = 12;

function explanationText(one: Explanation, paint: CliHost['paint']): string {
  const missing = one.missing.map(printScope);
  const more =
    missing.length > MAX_SCOPES ? [`and ${counted(missing.length - MAX_SCOPES, 'scope')} more`] : [];
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['evidence', one.evidence],
    ['who', one.subject === undefined ? [] : [who(one.subject)]],
    ['missing', [...missing.slice(0, MAX_SCOPES), ...more]],
    ['scopes', one.oauthScopes.map((scope) => shown(scope))],
    ['fix', one.fix],
    ['collect', one.collect],
    ['ask', [one.ask]],
  ];
  const blocks = rows.flatMap(([label, lines]) =>
    lines.map((line, at) => `  ${(at === 0 ? label : '').padEnd(9)} ${line}`),
  );
  const objects = objectsOf(one).map((object) => manifest(plain(object)));
  return [
    paint(one.cause === 'Unknown' ? 'yellow' : 'bold', headline(one)),
    ...blocks,
    ...(objects.length === 0 ? [] : ['', objects.join('\n---\n')]),
  ].join('\n');
}

const FROM: Readonly<Record<Source, string>> = {
  'kube-apiserver': ' from kube-apiserver',
  admission: ' from admission',
  countersign: ' from Countersign',
  vault: ' from Vault',
  oauth: ' from an OAuth 2 server',
  registry: ' from a registry',
  cloud: ' from a service',
  proxy: ' from a proxy',
  jwt: '',
  unknown: '',
};

/** `403 from kube-apiserver: a permission is missing`. */
function headline({ status, source, sentence }: Explanation): string {
  return `${source === 'jwt' ? 'token' : `${status ?? 'refused'}${FROM[source]}`}: ${sentence}`;
}

function who({ kind, namespace, name, groups }: Subject): string {
  const place = namespace === undefined ? '' : `${namespace}/`;
  const member = groups.length === 0 ? '' : ` (${groups.slice(0, 10).join(', ')})`;
  return shown(`${kind.toLowerCase()} ${place}${name}${member}`, 500);
}

function objectsOf({ roles }: Explanation): readonly object[] {
  return roles.flatMap(({ role, binding }) => [roleObject(role), bindingObject(binding)]);
}

function explanationObject(one: Explanation): object {
  const { source, status, cause, sentence, evidence, subject, decision, fix, collect, ask } = one;
  return {
    source,
    status,
    cause,
    sentence,
    evidence,
    subject: subject && {
      kind: subject.kind,
      namespace: subject.namespace && shown(subject.namespace),
      name: shown(subject.name),
      groups: subject.groups.map((group) => shown(group)),
    },
    missing: one.missing.map(printScope),
    oauthScopes: one.oauthScopes.map((scope) => shown(scope)),
    decision,
    fix,
    objects: objectsOf(one),
    collect,
    ask,
  };
}

export function printExplanation(
  format: 'text' | 'json' | 'yaml',
  one: Explanation,
  paint: CliHost['paint'],
): string {
  if (format === 'text') return explanationText(one, paint);
  return format === 'json' ? json(explanationObject(one)) : manifest(plain(explanationObject(one)));
}
