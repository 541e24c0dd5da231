/** As github.com/ryanuber/go-glob matches, which both auth methods use: `*` is any text, also none; all else is itself. */
export function globMatches(pattern: string, text: string): boolean {
  // Most are none, and thousands of roles are asked about.
  if (!pattern.includes('*')) return pattern === text;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
