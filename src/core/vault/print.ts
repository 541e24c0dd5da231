/** Prints rules as a policy: `parseVaultPolicy(printVaultPolicy(rules)).rules` gives them back. */

import type { PathRule } from './policy.ts';
import { startsWithTemplate } from './template.ts';

/**
 * HCL of printable ASCII, a block a rule; `''` for no rules, which Vault takes for no policy. Conditions, of which a rule
 * knows no more than their words, stand in a comment: such a rule comes back without them.
 */
export function printVaultPolicy(rules: readonly PathRule[]): string {
  return rules.map(printRule).join('\n');
}

function printRule({ path, capabilities, constraints }: PathRule): string {
  // Vault drops one slash in front.
  const written = path.startsWith('/') && !startsWithTemplate(path) ? `/${path}` : path;
  const conditions = constraints.length === 0 ? '' : `# with ${constraints.join(', ')}\n`;
  return `${conditions}path ${quote(written)} {\n  capabilities = [${capabilities.map(quote).join(', ')}]\n}\n`;
}

/** Braces after a dollar would be an interpolation. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]|\$(?=\{)|[^ -~]/gu, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}
