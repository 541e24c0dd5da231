import { shown } from '../text.ts';
import type { AgentIdentity } from './agent-config.ts';
import { splitWords, unquote } from './words.ts';

export interface IdentityText {
  readonly identity: Omit<AgentIdentity, 'file'>;
  readonly problems: readonly string[];
}

/** Vault's own rule for names (sdk/framework/path.go), with a bound. */
const ROLE = /^\w(?:[\w.-]{0,251}\w)?$/;
/** RFC 7519 has any string or URI; no letter that a terminal would obey. */
const AUDIENCE = /^[^\p{Cc}\p{Cs}]{1,256}$/u;
/** RFC 6749, section 3.3, without the comma that stands between them. */
const SCOPE = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,128}$/;
const MAX_SCOPES = 50;

const EXPECTED = 'expected ROLE [aud=AUDIENCE] [scope=a,b]';

/**
 * `ROLE [aud=A] [scope=a,b]`: a role of Vault's identity engine, the audience that its token must have, and what its
 * claim `scope` must hold. What has white space in it is written as a JSON string.
 */
export function parseIdentity(text: string): IdentityText {
  const problems: string[] = [];
  const [role = '', ...words] = splitWords(text, problems);
  if (problems.length > 0) return { identity: { role, scopes: [] }, problems };
  if (!ROLE.test(role)) problems.push(`${EXPECTED}, the role of letters, digits, "_", "-" and "."`);
  const options = readOptions(words, problems);
  const audience = options.get('aud');
  if (audience !== undefined && !AUDIENCE.test(audience)) {
    problems.push('the audience is empty, too long, or holds control characters');
  }
  const scopes = options.get('scope')?.split(',') ?? [];
  if (scopes.length > MAX_SCOPES || !scopes.every((scope) => SCOPE.test(scope))) {
    problems.push(`expected scopes separated by commas, without white space, at most ${MAX_SCOPES}`);
  }
  return {
    identity: { role, ...(audience !== undefined && { audience }), scopes: [...new Set(scopes)] },
    problems,
  };
}

function readOptions(words: readonly string[], problems: string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(equals, 0));
    if (name !== 'aud' && name !== 'scope') problems.push(`${EXPECTED}, found "${shown(word, 60)}"`);
    else if (options.has(name)) problems.push(`${name} is given twice`);
    else options.set(name, unquote(word.slice(equals + 1)) ?? '');
  }
  return options;
}
