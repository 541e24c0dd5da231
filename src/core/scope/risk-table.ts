import { CRITICAL } from './risk-critical.ts';
import { HIGH } from './risk-high.ts';
import { MEDIUM } from './risk-medium.ts';
import type { RiskRow } from './risk-row.ts';

/** How bad it is that a scope is held and not needed. */
export type Risk = 'critical' | 'high' | 'medium' | 'low';

/** A closed table. A scope has the highest risk of the rows that it touches; one that touches none is `low`. */
export const RISK_TABLE: Readonly<Record<Exclude<Risk, 'low'>, readonly RiskRow[]>> = {
  critical: CRITICAL,
  high: HIGH,
  medium: MEDIUM,
};
