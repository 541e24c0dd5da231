/** Bare characters and JSON strings, up to white space. */
const WORD = /\s*((?:[^\s"]|"(?:[^"\\]|\\.)*")+)/y;

/** The words of an annotation; what has white space in it is written as a JSON string. */
export function splitWords(text: string, problems: string[]): readonly string[] {
  const words: string[] = [];
  const source = text.trim();
  WORD.lastIndex = 0;
  let end = 0;
  for (let match = WORD.exec(source); match !== null; match = WORD.exec(source)) {
    words.push(match[1] ?? '');
    end = WORD.lastIndex;
  }
  if (end < source.length) problems.push('a quotation mark is never closed');
  return words;
}

/** `undefined`: it has quotation marks and is not one JSON string. */
export function unquote(word: string): string | undefined {
  if (!word.includes('"')) return word;
  try {
    const value: unknown = JSON.parse(word);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
