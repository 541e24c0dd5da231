/**
 * `*` is any text, also none; all else is itself. So policies write accounts and roles, and so both auth methods of Vault
 * match what a role binds (github.com/ryanuber/go-glob).
 */
export function globMatches(glob: string, text: string): boolean {
  // Most are none, and thousands of roles are asked about.
  if (!glob.includes('*')) return glob === text;
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop() ?? '';
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - at >= tail.length && text.endsWith(tail);
}
