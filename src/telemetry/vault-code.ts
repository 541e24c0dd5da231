import { CountersignError, type ErrorCode } from '../core/errors.ts';
import type { VaultCode } from './metrics.ts';

const BY_STATUS: Readonly<Record<number, VaultCode>> = {
  400: '400',
  403: '403',
  404: '404',
  429: '429',
  503: '503',
};

const BY_CLASS: Readonly<Record<number, VaultCode>> = { 2: '2xx', 3: '3xx', 4: '4xx', 5: '5xx' };

const BY_ERROR: Readonly<Partial<Record<ErrorCode, VaultCode>>> = {
  ERR_VAULT_UNREACHABLE: 'unreachable',
  ERR_TLS: 'untrusted',
  ERR_DEADLINE: 'late',
  ERR_VAULT_PROTOCOL: 'misshapen',
};

/** How an exchange with a Vault ended, as a label: one of a closed list, whatever the server sends. */
export function vaultCodeOf(ended: number | Error): VaultCode {
  if (typeof ended === 'number') {
    return BY_STATUS[ended] ?? BY_CLASS[Math.floor(ended / 100)] ?? 'misshapen';
  }
  // A deadline of whoever asked is not Vault's.
  return (ended instanceof CountersignError ? BY_ERROR[ended.code] : undefined) ?? 'given-up';
}
