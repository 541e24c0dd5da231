/** Roles and bindings as Kubernetes bootstraps them, from the files that its own tests compare with. */
import { parse } from 'yaml';
import { type JsonObject, listOf, objectOf, textOf, textsOf } from '../../src/core/json.ts';
import type { PolicyRule } from '../../src/core/rbac/rules.ts';

export const BOOTSTRAP = 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata';

export interface BootstrapRole {
  readonly name: string;
  /** `undefined` for a ClusterRole. */
  readonly namespace: string | undefined;
  readonly labels: JsonObject;
  readonly rules: readonly PolicyRule[];
  /** The labels that select the roles it gathers; empty when it gathers none. */
  readonly gathers: readonly JsonObject[];
}

export function rolesIn(text: string): readonly BootstrapRole[] {
  return itemsIn(text).map((item) => {
    const metadata = objectOf(item['metadata']);
    return {
      name: textOf(metadata['name']) ?? '',
      namespace: textOf(metadata['namespace']),
      labels: objectOf(metadata['labels']),
      rules: listOf(item['rules']).map(ruleOf),
      gathers: listOf(objectOf(item['aggregationRule'])['clusterRoleSelectors']).map((selector) =>
        objectOf(objectOf(selector)['matchLabels']),
      ),
    };
  });
}

export function itemsIn(text: string): readonly JsonObject[] {
  return listOf(objectOf(parse(text))['items']).map(objectOf);
}

function ruleOf(value: unknown): PolicyRule {
  const rule = objectOf(value);
  return {
    verbs: textsOf(rule['verbs']),
    apiGroups: textsOf(rule['apiGroups']),
    resources: textsOf(rule['resources']),
    resourceNames: textsOf(rule['resourceNames']),
    nonResourceURLs: textsOf(rule['nonResourceURLs']),
  };
}
