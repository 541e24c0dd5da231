import { overlaps } from './overlap.ts';
import { parseScopes } from './parse.ts';
import { RISK_TABLE, type Risk, type RiskRow } from './risk-table.ts';
import type { Scope } from './scope.ts';

/** Worst first. */
export const RISKS: readonly Risk[] = ['critical', 'high', 'medium', 'low'];

interface CompiledRow extends RiskRow {
  readonly scopes: readonly Scope[];
}

/** Worst first; the patterns parsed once. */
const ROWS: readonly (readonly [Risk, readonly CompiledRow[]])[] = (
  ['critical', 'high', 'medium'] as const
).map((risk) => [risk, RISK_TABLE[risk].map((row) => ({ ...row, scopes: scopesOf(row.pattern) }))]);

function scopesOf(pattern: string): readonly Scope[] {
  return parseScopes(pattern).scopes.map(({ scope }) => scope);
}

/** The highest row that the scope touches; `low` when none does. */
export function riskOf(scope: Scope): { readonly risk: Risk; readonly reason: string | undefined } {
  if (scope.kind === 'vault') return { risk: vaultRisk(scope.capabilities, scope.path), reason: undefined };
  const named = scope.kind === 'resource' && scope.names.length > 0;
  for (const [risk, rows] of ROWS) {
    const hit = rows.find(
      (row) => !(row.unnamed && named) && row.scopes.some((pattern) => overlaps(pattern, scope)),
    );
    if (hit !== undefined) return { risk, reason: hit.reason };
  }
  return { risk: 'low', reason: undefined };
}

/** One level less; `low` stays. */
export function lowered(risk: Risk): Risk {
  return RISKS[RISKS.indexOf(risk) + 1] ?? 'low';
}

const VAULT_WRITES: readonly string[] = ['create', 'update', 'patch', 'delete', 'sudo'];

function vaultRisk(capabilities: readonly string[], path: string): Risk {
  const writes = capabilities.some((word) => VAULT_WRITES.includes(word));
  if (capabilities.includes('sudo') || (writes && /^(?:sys|auth|identity)\//u.test(path))) return 'critical';
  const wild = path.endsWith('*') || path.split('/').includes('+');
  if (!wild) return 'low';
  return writes ? 'high' : 'medium';
}
