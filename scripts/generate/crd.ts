import { stringify } from 'yaml';
import { type CustomKind, crdOf } from '../../src/api/crd.ts';
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

export const scopePolicyCrd: Page = {
  name: 'scope-policy-crd',
  path: 'manifests/crds/scopepolicies.yaml',
  source: 'src/api/scope-policy.ts',
  render: () => ({ body: stringify(crdOf(SCOPE_POLICY), { aliasDuplicateObjects: false, lineWidth: 0 }) }),
};
