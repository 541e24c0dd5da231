/** Takes out of a text what could be a credential, before anything else looks at it. */

const NAMES =
  'password|passwd|secret_id|client_secret|client_assertion|access_token|refresh_token|id_token|client_token|jwt|token';

/**
 * What repeats without an end stands last, so that time grows with the text alone. JWTs, whole or cut; tokens of Vault and
 * OpenBao, new and old, of GitHub, GitLab, Slack and AWS; values of headers and fields that carry them; passwords in URLs;
 * PEM bodies.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(?:eyJ|ZXlK)[\w+/=-]{8,}(?:\.[\w+/=-]*){0,4}/g, '[jwt]'],
  [/\bhv[sbr]\.[\w-]{8,}/g, '[vault token]'],
  [/(?<![\w.-])[sbr]\.[A-Za-z0-9]{20,}(?:\.[A-Za-z0-9]{1,8})?/g, '[vault token]'],
  [/\b(?:gh[opsur]_|github_pat_|glpat-|xox[abprs]-)[\w-]{8,}/g, '[token]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, '[access key]'],
  [
    /(\b(?:authorization|cookie|x-vault-token|x-api-key)\\{0,3}"?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}"?)[^\r\n"]{1,}/gi,
    '$1[redacted]',
  ],
  [/(\b(?:bearer|dpop|basic)[ \t])(?![A-Za-z_]{1,20}=)[\w.~+/=-]{16,}/gi, '$1[redacted]'],
  [new RegExp(`(\\b(?:${NAMES})=)[^\\s",&;]{8,}`, 'gi'), '$1[redacted]'],
  [new RegExp(`("(?:${NAMES})\\\\{0,3}"\\s{0,4}:\\s{0,4}\\\\{0,3}")[^"]{1,}`, 'gi'), '$1[redacted]'],
  [/(:\/\/)[^\s/@:]{1,200}:[^\s/@]{1,200}@/g, '$1[redacted]@'],
  [/(-----BEGIN [A-Z ]{1,40}-----)[A-Za-z0-9+/=\s\\]{1,}/g, '$1[redacted]'],
];

export function masked(text: string): string {
  return SECRETS.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text);
}
