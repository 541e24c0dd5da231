/** What the authorizers of kube-apiserver say (apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
import type { Place, Scope } from '../scope/scope.ts';
import type { Reading, Status } from './explanation.ts';
import { GO_QUOTED, unquoted } from './go-quoted.ts';
import type { Groups, Recogniser } from './recogniser.ts';
import { readScopes } from './scopes.ts';
import { subjectOf } from './subject.ts';

const source = 'kube-apiserver';
const FORBIDDEN: Status = 403;

const RESOURCE = new RegExp(
  `(?:(?<name>${GO_QUOTED}) is forbidden: )?User (?<user>${GO_QUOTED}) cannot (?<verb>[^\\s"]{1,80}) resource ` +
    `(?<resource>${GO_QUOTED}) in API group (?<group>${GO_QUOTED}) ` +
    `(?:in the namespace (?<namespace>${GO_QUOTED})|at the cluster scope)(?::(?<rest>[^\\n]{0,500}))?`,
);
const PATH = new RegExp(
  `User (?<user>${GO_QUOTED}) cannot (?<verb>[^\\s"]{1,80}) path (?<path>${GO_QUOTED})`,
);
const ESCALATION = new RegExp(
  `(?:(?<role>[a-z]{1,40})\\.rbac\\.authorization\\.k8s\\.io ${GO_QUOTED} is forbidden: )?user (?<user>${GO_QUOTED}) ` +
    String.raw`\(groups=\[(?<groups>[^\]\n]{0,1000})\]\) is attempting to grant RBAC permissions not currently held:(?<rules>[\s\S]{0,4000})`,
);
const SIGNER = new RegExp(
  `user not permitted to (?<verb>approve|sign|attest) requests with signerName (?<signer>${GO_QUOTED})`,
);

export const KUBERNETES: readonly Recogniser[] = [
  { name: 'resource', literals: [' cannot '], pattern: RESOURCE, read: resourceRefused },
  { name: 'url', literals: [' cannot '], pattern: PATH, read: pathRefused },
  {
    name: 'escalation',
    literals: ['is attempting to grant rbac permissions not currently held'],
    pattern: ESCALATION,
    read: escalationRefused,
  },
  { name: 'signer', literals: ['user not permitted to '], pattern: SIGNER, read: signerRefused },
];

function resourceRefused(groups: Groups): Reading {
  const { verb = '', rest = '' } = groups;
  const subject = subjectOf(unquoted(groups['user']) ?? '');
  const name = unquoted(groups['name']);
  const namespace = unquoted(groups['namespace']);
  const place: Place = namespace === undefined || namespace === '' ? 'everywhere' : { namespace };
  const missing = readScopes([
    {
      kind: 'resource',
      verbs: [verb],
      group: unquoted(groups['group']) ?? '',
      resource: unquoted(groups['resource']) ?? '',
      names: name === undefined ? [] : [name],
      place,
    },
  ]);
  const refused = { source, status: FORBIDDEN, subject } as const;
  if (subject.kind === 'Anonymous') return { ...refused, cause: 'NoIdentity' };
  if (subject.kind === 'Node' && rest.includes('node:')) return { ...refused, cause: 'NodeBoundary' };
  const read = { ...refused, missing };
  const [, binding] = /RBAC: (\S{1,100} "[^"\n]{1,253}") not found/.exec(rest) ?? [];
  if (binding === undefined) return { ...read, cause: 'MissingScope' };
  return {
    ...read,
    cause: 'RoleMissing',
    fix: [`make the ${binding} that a binding names, or correct the binding`],
  };
}

function pathRefused(groups: Groups): Reading {
  const subject = subjectOf(unquoted(groups['user']) ?? '');
  const missing = readScopes([
    { kind: 'url', verbs: [groups['verb'] ?? ''], url: unquoted(groups['path']) ?? '' },
  ]);
  if (subject.kind === 'Anonymous') return { source, status: FORBIDDEN, cause: 'NoIdentity', subject };
  return { source, status: FORBIDDEN, cause: 'MissingScope', subject, missing };
}

/** `{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get" "list"]}`, one rule a line. */
const FIELD =
  /(?<field>APIGroups|Resources|ResourceNames|NonResourceURLs|Verbs):\[(?<values>[^\]\n]{0,2000})\]/g;
const VALUE = new RegExp(GO_QUOTED, 'g');
const MAX_RULES = 50;

function escalationRefused(groups: Groups): Reading {
  const { role = '', rules = '' } = groups;
  const place: Place = role.startsWith('cluster') ? 'everywhere' : 'own';
  const missing = rules
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .slice(0, MAX_RULES)
    .flatMap((line) => readScopes(scopesOfLine(line, place)));
  const user = unquoted(groups['user']) ?? '';
  const verb = role.endsWith('bindings') ? 'bind' : 'escalate';
  return {
    source,
    status: FORBIDDEN,
    cause: 'EscalationRefused',
    subject: subjectOf(user, valuesOf(groups['groups'])),
    missing,
    fix: [
      `let somebody write it who holds these permissions, or the verb ${verb} on that role`,
      'or ask for fewer permissions in it',
    ],
  };
}

function scopesOfLine(line: string, place: Place): readonly Scope[] {
  const fields = new Map(
    [...line.matchAll(FIELD)].map(({ groups }) => [groups?.['field'], valuesOf(groups?.['values'])]),
  );
  const verbs = fields.get('Verbs') ?? [];
  if (verbs.length === 0) return [];
  const urls = fields.get('NonResourceURLs') ?? [];
  const resources = (fields.get('APIGroups') ?? []).flatMap((group) =>
    (fields.get('Resources') ?? []).map(
      (resource): Scope => ({
        kind: 'resource',
        verbs,
        group,
        resource,
        names: fields.get('ResourceNames') ?? [],
        place,
      }),
    ),
  );
  return [...resources, ...urls.map((url): Scope => ({ kind: 'url', verbs, url }))];
}

function valuesOf(list = ''): readonly string[] {
  return [...list.matchAll(VALUE)].map(([quoted]) => unquoted(quoted) ?? '');
}

function signerRefused(groups: Groups): Reading {
  const scope: Scope = {
    kind: 'resource',
    verbs: [groups['verb'] ?? ''],
    group: 'certificates.k8s.io',
    resource: 'signers',
    names: [unquoted(groups['signer']) ?? ''],
    place: 'everywhere',
  };
  return { source, status: FORBIDDEN, cause: 'MissingScope', missing: readScopes([scope]) };
}
