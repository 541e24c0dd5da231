import type { PolicyText } from '../../src/core/vault/policy.ts';
import { pathRule } from './vault-held.ts';

/** A policy of lines such as `read,list secret/*`. */
export function policy(name: string, lines: string): PolicyText {
  const rules = lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => pathRule(line));
  return { name, rules };
}
