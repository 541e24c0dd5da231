import { SCOPE_POLICY_SCHEMA } from '../../src/api/scope-policy.ts';
import { PRESETS } from '../../src/core/scope/presets.ts';
import type { Page } from './page.ts';
import { sectionsOf } from './schema-sections.ts';

export const policyPage: Page = {
  name: 'scope-policy',
  path: 'docs/reference/scope-policy.md',
  source: 'src/api/scope-policy.ts',
  render: () => ({
    body: [INTRODUCTION, ...sectionsOf(SCOPE_POLICY_SCHEMA.properties.spec, 'spec'), ...presets()].join('\n'),
  }),
};

const INTRODUCTION = `# ScopePolicy

What bites, and when. Every policy whose \`match\` fits an account has a say: the one with the highest \`priority\` gives the
actions, \`allow\`, \`injection\` and \`grants\`; \`forbid\` adds up and ceilings intersect over all of them, so that a narrower
policy can't loosen a wider one. When none fits, everything warns. Scope lines may use \`{namespace}\` and \`{serviceAccount}\`.
[How to write one and turn it on](../policy.md).

\`\`\`yaml
apiVersion: countersign.dev/v1alpha1
kind: ScopePolicy
metadata: { name: production }
spec:
  match: { namespaceSelector: { matchLabels: { env: production } } }
  onChange: { missing: Deny, excess: { critical: Deny, high: Deny } }
  forbid: [ "preset:escalation" ]
\`\`\`
`;

function presets(): readonly string[] {
  const rows = Object.entries(PRESETS).map(
    ([name, lines]) => `| \`preset:${name}\` | ${lines.map((line) => `\`${line}\``).join('<br>')} |`,
  );
  return ['## Presets', '', '| name | stands for |', '|---|---|', ...rows, ''];
}
