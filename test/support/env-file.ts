/**
 * How kubelet reads a variable from an env file: pkg/kubelet/util/env/env_util.go of Kubernetes 1.37. Fails where kubelet
 * does; `undefined` where it finds nothing, or an empty text, which is the same to it.
 */
export function parseEnv(file: string, key: string): string | undefined {
  const lines = linesOf(file);
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const text = line.replace(/^[ \t]+/, '');
    if (text === '' || text.startsWith('#')) continue;
    const { name, rest } = named(text);
    // A blank behind the sign is an empty value to a shell.
    const value = /^[ \t]/.test(rest) ? '' : quoted(rest, lines);
    if (name === key) return value || undefined;
  }
  return undefined;
}

/** As bufio.ScanLines: the last line needs no end, and a CR before an end belongs to it. */
function linesOf(file: string): string[] {
  const lines = file.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function named(line: string): { readonly name: string; readonly rest: string } {
  const equals = line.indexOf('=');
  const name = line.slice(0, equals);
  if (equals < 1 || /[ \t]$/.test(name)) throw new Error('expected a name before the sign');
  return { name, rest: line.slice(equals + 1) };
}

/** Takes the lines that the value goes on in. */
function quoted(rest: string, lines: string[]): string {
  if (!rest.startsWith("'")) throw new Error('expected a quote');
  let text = rest.slice(1);
  while (!text.includes("'")) {
    const more = lines.shift();
    if (more === undefined) throw new Error('expected an end of the quote');
    text += `\n${more}`;
  }
  const end = text.indexOf("'");
  if (!/^[ \t]*(#|$)/.test(text.slice(end + 1))) throw new Error('expected nothing behind the quote');
  return text.slice(0, end);
}
