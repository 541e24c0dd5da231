import { type PlacedRule, ruleOf, uncovered } from './covers.ts';
import { indexed, isNamed, on, patternsOf, touches } from './pattern.ts';
import type { RiskRow } from './risk-row.ts';
import { RISK_TABLE, type Risk } from './risk-table.ts';
import type { Scope, VaultScope } from './scope.ts';

/** Worst first. */
export const RISKS: readonly Risk[] = ['critical', 'high', 'medium', 'low'];

interface CompiledRow extends RiskRow {
  readonly risk: Risk;
  readonly patterns: readonly Scope[];
  readonly exceptions: readonly PlacedRule[];
}

/** Worst first; the patterns parsed once. */
const rowsFor = indexed(
  (['critical', 'high', 'medium'] as const).flatMap((risk) =>
    RISK_TABLE[risk].map((row) => compile(risk, row)),
  ),
);

function compile(risk: Risk, row: RiskRow): CompiledRow {
  const exceptions = patternsOf(row.except ?? '').filter((scope) => scope.kind !== 'vault');
  return { ...row, risk, patterns: patternsOf(row.pattern), exceptions: exceptions.map(ruleOf) };
}

/** The highest row that the scope touches; `low` when none does. */
export function riskOf(scope: Scope): { readonly risk: Risk; readonly reason: string | undefined } {
  if (scope.kind === 'vault') return { risk: vaultRisk(scope), reason: undefined };
  const named = isNamed(scope);
  const hit = rowsFor(scope).find(
    (row) =>
      !(row.unnamed && named) && touches(row.patterns, scope) && uncovered(row.exceptions, scope).length > 0,
  );
  return { risk: hit?.risk ?? 'low', reason: hit?.reason };
}

/** One level less; `low` stays. */
export function lowered(risk: Risk): Risk {
  return RISKS[RISKS.indexOf(risk) + 1] ?? 'low';
}

const VAULT_WRITE = 'vault create,update,patch,delete';
const VAULT_ADMINISTRATION = patternsOf(on(VAULT_WRITE, ['sys/*', 'auth/*', 'identity/*']));
const VAULT_WRITES = patternsOf(on(VAULT_WRITE, ['*']));

/** A pattern that only reaches into Vault's own paths, such as `+/policies/*`, counts as these. */
function vaultRisk(scope: VaultScope): Risk {
  if (scope.capabilities.includes('sudo') || touches(VAULT_ADMINISTRATION, scope)) return 'critical';
  const wild = scope.path.endsWith('*') || scope.path.split('/').includes('+');
  if (!wild) return 'low';
  return touches(VAULT_WRITES, scope) ? 'high' : 'medium';
}
