/**
 * Redaction by value: the last thing that happens to a line before it is written. It knows the secrets that it was told
 * about, in plain and base64, and what tokens look like. Redaction by path (see logger.ts) is the first wall, this the last.
 */
export interface Scrubber {
  /** From now on this value is written nowhere. Values shorter than 8 characters are ignored: they would match everything. */
  protect(secret: string): void;
  /** No longer a secret: a token that was revoked or has expired. */
  release(secret: string): void;
  readonly scrub: (line: string) => string;
}

export const REDACTED = '[redacted]';

/**
 * JWTs (`{"` in base64), also base64-encoded once more; Vault and OpenBao tokens: service, batch, recovery, and the old
 * short ones. A word boundary would not do: in a JSON line a token may follow the `n` of an escaped line feed.
 */
const TOKEN_LIKE =
  /eyJ[\w.+/=-]{10,}|ZXlK[\w+/=-]{16,}|hv[sbr]\.[\w.-]{8,}|(?:(?<![\w.-])|(?<=\\[bfnrt]))[sbr]\.[A-Za-z0-9]{24,}(?:\.[A-Za-z0-9]{1,8})?(?![\w-])/g;

const SHORTEST = 8;

export function createScrubber(): Scrubber {
  const known = new Map<string, readonly string[]>();
  return {
    protect(secret) {
      if (secret.length >= SHORTEST) known.set(secret, formsOf(secret));
    },
    release(secret) {
      known.delete(secret);
    },
    scrub(line) {
      let clean = line;
      for (const forms of known.values()) {
        for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, REDACTED);
      }
      return clean.replace(TOKEN_LIKE, REDACTED);
    },
  };
}

function formsOf(secret: string): readonly string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, escaped, ...base64FormsOf(Buffer.from(secret, 'utf8'))])];
}

/** Inside a longer text a secret can start at any of three places of a base64 group; the characters it shares are cut off. */
function base64FormsOf(secret: Buffer): readonly string[] {
  const forms = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), secret]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    return [shifted.toString('base64').slice(from, to), shifted.toString('base64url').slice(from, to)];
  });
  return forms.filter((form) => form.length >= SHORTEST);
}
