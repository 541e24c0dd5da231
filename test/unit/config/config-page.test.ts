import { expect, it } from 'vitest';
import { configPage } from '../../../scripts/generate/config-page.ts';
import { policyPage } from '../../../scripts/generate/policy-page.ts';
import { CONFIG_SCHEMA } from '../../../src/api/config.ts';
import type { SchemaNode } from '../../../src/api/schema-node.ts';
import { SCOPE_POLICY_SCHEMA } from '../../../src/api/scope-policy.ts';

interface Key {
  readonly name: string;
  readonly node: SchemaNode;
}

function keysOf(node: SchemaNode): readonly Key[] {
  const below = typeof node.additionalProperties === 'object' ? keysOf(node.additionalProperties) : [];
  return Object.entries(node.properties ?? {}).reduce<readonly Key[]>(
    (keys, [name, child]) => [...keys, { name, node: child }, ...keysOf(child)],
    below,
  );
}

const cases = [
  [configPage, CONFIG_SCHEMA],
  [policyPage, SCOPE_POLICY_SCHEMA.properties.spec],
] as const;

it.each(
  cases.flatMap(([page, schema]) =>
    keysOf(schema).map(({ name, node }) => [page.name, name, node, page] as const),
  ),
)('%s: the key %s has a description and a row', (_, name, { description = '' }, page) => {
  expect(description).toMatch(/^.+\.$/s);
  expect(page.render()).toMatchObject({
    body: expect.stringMatching(new RegExp(`^\\| \`${name}\` \\| .+ \\|$`, 'm')),
  });
});
