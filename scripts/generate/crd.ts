import { stringify } from 'yaml';
import { ACCESS_DECISION_SCHEMA } from '../../src/api/access-decision.ts';
import { ACCESS_GRANT_SCHEMA, ACCESS_GRANT_STATUS_SCHEMA } from '../../src/api/access-grant.ts';
import { type CustomKind, crdOf, type PrinterColumn } from '../../src/api/crd.ts';
import { DENIAL_SCHEMA, DENIAL_STATUS_SCHEMA } from '../../src/api/denial.ts';
import { SCOPE_POLICY_SCHEMA } from '../../src/api/scope-policy.ts';
import { SCOPE_POLICY_STATUS_SCHEMA } from '../../src/api/scope-policy-status.ts';
import type { Page } from './page.ts';

/** The CustomResourceDefinitions of our kinds. */

const SCOPE_POLICY: CustomKind = {
  kind: 'ScopePolicy',
  plural: 'scopepolicies',
  scope: 'Cluster',
  shortNames: ['scopepol'],
  description:
    'What bites, for whom, and when. Of all policies that match an account, the one with the highest priority gives the actions; forbid adds up and ceilings intersect over all of them.',
  schema: SCOPE_POLICY_SCHEMA,
  statusSchema: SCOPE_POLICY_STATUS_SCHEMA,
  columns: [
    {
      name: 'Priority',
      type: 'integer',
      jsonPath: '.spec.priority',
      description: 'The highest that matches gives the actions; 0 where there is none.',
    },
    {
      name: 'Mode',
      type: 'string',
      jsonPath: '.status.mode',
      description: 'Enforce denies something, Warn only warns, Silent does neither.',
    },
    {
      name: 'Valid',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Valid")].status',
      description: 'Can it be read? If not, its last valid version counts.',
    },
    {
      name: 'Workloads',
      type: 'integer',
      jsonPath: '.status.matchedWorkloads',
      description: 'Running workloads that it matches.',
    },
    {
      name: 'Would-Deny',
      type: 'integer',
      jsonPath: '.status.wouldDeny',
      description: 'Those that it would refuse, were they created now.',
    },
    {
      name: 'Would-Warn',
      type: 'integer',
      jsonPath: '.status.wouldWarn',
      description: 'Those that it would let run with a warning.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Since it was created.',
    },
  ],
};

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since it was created.',
};

const DENIAL: CustomKind = {
  kind: 'Denial',
  plural: 'denials',
  scope: 'Namespaced',
  shortNames: ['den'],
  description:
    'Refused admissions that are one decision, named by its id: what was found, who was refused, and what became of it. Written by Countersign alone.',
  schema: DENIAL_SCHEMA,
  statusSchema: DENIAL_STATUS_SCHEMA,
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.state',
      description: 'Open, Granted, Rejected, Resolved or Expired.',
    },
    { name: 'Kind', type: 'string', jsonPath: '.spec.workload.kind', description: 'Of the workload.' },
    { name: 'Workload', type: 'string', jsonPath: '.spec.workload.name', description: 'What was refused.' },
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.spec.serviceAccount.name',
      description: 'The service account that it would run as.',
    },
    { name: 'Count', type: 'integer', jsonPath: '.status.count', description: 'How often it was refused.' },
    {
      name: 'Last-Seen',
      type: 'date',
      jsonPath: '.status.lastSeen',
      description: 'When it was last refused.',
    },
    {
      name: 'Policy',
      type: 'string',
      jsonPath: '.spec.policy',
      description: 'The policy that refused it.',
      priority: 1,
    },
    {
      name: 'Summary',
      type: 'string',
      jsonPath: '.spec.summary',
      description: 'The first line of the refusal.',
      priority: 1,
    },
    { ...AGE, priority: 1 },
  ],
};

const ACCESS_GRANT: CustomKind = {
  kind: 'AccessGrant',
  plural: 'accessgrants',
  scope: 'Namespaced',
  shortNames: ['ag'],
  description:
    'Asks that findings of a service account be waived for a time. It holds once another person has approved it by an AccessDecision, and never gives a right.',
  schema: ACCESS_GRANT_SCHEMA,
  statusSchema: ACCESS_GRANT_STATUS_SCHEMA,
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.state',
      description: 'Pending, Active, Rejected, Revoked, Expired or Void.',
    },
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.spec.serviceAccount.name',
      description: 'Whose findings are waived.',
    },
    {
      name: 'Workload',
      type: 'string',
      jsonPath: '.spec.workload.name',
      description: 'The one workload that it is for, if it is for one.',
    },
    { name: 'Requester', type: 'string', jsonPath: '.spec.requester', description: 'Who asked.' },
    { name: 'Decided-By', type: 'string', jsonPath: '.status.decidedBy', description: 'Who decided.' },
    { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt', description: 'When it ends.' },
    { name: 'Uses', type: 'integer', jsonPath: '.status.uses', description: 'Admissions under it.' },
    {
      name: 'Denial',
      type: 'string',
      jsonPath: '.spec.decision',
      description: 'The denial that it was asked for.',
      priority: 1,
    },
    { name: 'Reason', type: 'string', jsonPath: '.spec.reason', description: 'Why.', priority: 1 },
    AGE,
  ],
};

const ACCESS_DECISION: CustomKind = {
  kind: 'AccessDecision',
  plural: 'accessdecisions',
  scope: 'Namespaced',
  shortNames: ['ad'],
  description:
    'What a person decided on an AccessGrant, as it was then. It counts only for that very grant; Reject and Revoke are final.',
  schema: ACCESS_DECISION_SCHEMA,
  columns: [
    { name: 'Grant', type: 'string', jsonPath: '.spec.grant', description: 'The grant.' },
    {
      name: 'Decision',
      type: 'string',
      jsonPath: '.spec.decision',
      description: 'Approve, Reject or Revoke.',
    },
    { name: 'By', type: 'string', jsonPath: '.spec.by', description: 'Who decided.' },
    { name: 'Requester', type: 'string', jsonPath: '.spec.requester', description: 'Who had asked.' },
    { name: 'Reason', type: 'string', jsonPath: '.spec.reason', description: 'Why.', priority: 1 },
    AGE,
  ],
};

/** One page a kind. */
export const crdPages: readonly Page[] = [
  pageOf(SCOPE_POLICY, 'src/api/scope-policy.ts'),
  pageOf(DENIAL, 'src/api/denial.ts'),
  pageOf(ACCESS_GRANT, 'src/api/access-grant.ts'),
  pageOf(ACCESS_DECISION, 'src/api/access-decision.ts'),
];

function pageOf(custom: CustomKind, source: string): Page {
  return {
    name: `${custom.plural}-crd`,
    path: `manifests/crds/${custom.plural}.yaml`,
    source,
    render: () => ({ body: stringify(crdOf(custom), { aliasDuplicateObjects: false, lineWidth: 0 }) }),
  };
}
