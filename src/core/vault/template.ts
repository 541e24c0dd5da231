/** Templates in the paths of policies, and what Vault puts in for a login (its sdk/helper/identitytpl). */

import { shown } from '../text.ts';
import type { Dialect } from './acl.ts';
import { type TemplateIdentity, type TemplateValue, templateValue } from './template-value.ts';

export type Filled =
  | { readonly kind: 'filled'; readonly path: string }
  /** Vault leaves the whole rule out. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unknown'; readonly why: string };

/** As Vault checks it before it takes a policy. */
export function isBalanced(path: string): boolean {
  const [first = '', ...rest] = path.split('{{');
  return !first.includes('}}') && rest.every((piece) => piece.split('}}').length === 2);
}

export function startsWithTemplate(path: string): boolean {
  return /^\/*\{\{/.test(path);
}

/** What stands in the braces, without the space around it. */
export function templatesIn(path: string): readonly string[] {
  return path
    .split('{{')
    .slice(1)
    .map((piece) => (piece.split('}}', 1)[0] ?? '').trim());
}

/** The path of a rule for one identity. `dialect` `undefined`: of a server that may be of either kind. */
export function fillTemplates(path: string, identity: TemplateIdentity, dialect?: Dialect): Filled {
  const values = templatesIn(path).map((template) => ({
    template,
    value: templateValue(template, identity),
  }));
  if (values.some(({ value }) => value === 'absent')) return { kind: 'dropped' };
  for (const { template, value } of values) {
    const why = typeof value === 'string' ? 'is not known' : oddIn(value.text, dialect);
    if (why !== undefined) return { kind: 'unknown', why: `{{${shown(template)}}} ${why}` };
  }
  const [first = '', ...rest] = path.split('{{');
  const filled = [
    first,
    ...rest.map((piece, at) => `${textOf(values[at]?.value)}${piece.split('}}')[1] ?? ''}`),
  ].join('');
  if (filled.includes('+*'))
    return { kind: 'unknown', why: 'the path has `+*` once it is filled in: Vault refuses the policy' };
  return {
    kind: 'filled',
    path: startsWithTemplate(path) && filled.startsWith('/') ? filled.slice(1) : filled,
  };
}

function textOf(value: TemplateValue | undefined): string {
  return typeof value === 'object' ? value.text : '';
}

/**
 * OpenBao refuses every request of a login whose policy has such a value; Vault takes it as it is, wildcards too unless it
 * is a late release.
 */
function oddIn(text: string, dialect: Dialect | undefined): string | undefined {
  if (/[*+]/.test(text)) return 'has a wildcard in its value';
  return text.includes('/') && dialect !== 'vault'
    ? 'has a `/` in its value, which OpenBao does not take'
    : undefined;
}
