/** One challenge of `WWW-Authenticate` (RFC 9110, section 11.6.1), as far as it lists parameters. */
export interface Challenge {
  /** In lower case: `bearer`, `dpop`. */
  readonly scheme: string;
  /** By lower-case names; of one that comes twice, the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = /\b(?<scheme>Bearer|DPoP)(?=[ \t\r\n,]|$)/gi;
/** Also over folded lines, as RFCs print them. */
const PARAMETER =
  /[\s,]{0,40}(?<name>[A-Za-z0-9_-]{1,40})\s{0,4}=\s{0,8}(?:"(?<quoted>(?:[^"\\]|\\.){0,1000})"|(?<token>[^\s",]{1,300}))/y;
const MAX_CHALLENGES = 8;
const MAX_PARAMETERS = 20;

/** Those of the schemes that carry access tokens. A scheme without parameters is a challenge as well. */
export function challengesIn(text: string): readonly Challenge[] {
  return [...text.matchAll(SCHEME)].slice(0, MAX_CHALLENGES).map((match) => ({
    scheme: (match.groups?.['scheme'] ?? '').toLowerCase(),
    parameters: parametersAt(text, match.index + match[0].length),
  }));
}

function parametersAt(text: string, start: number): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pattern = new RegExp(PARAMETER);
  pattern.lastIndex = start;
  for (let count = 0; count < MAX_PARAMETERS; count += 1) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) break;
    const name = (groups['name'] ?? '').toLowerCase();
    const value = groups['quoted']?.replaceAll(/\\(.)/g, '$1') ?? groups['token'] ?? '';
    if (!parameters.has(name)) parameters.set(name, value.replaceAll(/\s{1,40}/g, ' '));
  }
  return parameters;
}
