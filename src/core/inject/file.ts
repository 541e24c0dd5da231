import type { FileContent } from './agent-config.ts';
import { CREDENTIAL_NAME, parseReference, parseTemplate } from './template.ts';

export interface FileText {
  /** `undefined` where there are problems. */
  readonly content: FileContent | undefined;
  readonly problems: readonly string[];
}

/** `name`, `name.field`, or, where it holds a brace, a template. */
export function parseFile(text: string): FileText {
  if (/[{}]/.test(text)) return parseTemplateFile(text);
  const word = text.trim();
  if (CREDENTIAL_NAME.test(word)) return { content: { kind: 'all', credential: word }, problems: [] };
  const reference = word.includes('.') ? parseReference(word) : undefined;
  if (typeof reference === 'object') return { content: { kind: 'field', ...reference }, problems: [] };
  return {
    content: undefined,
    problems: ['expected a credential, credential.field, or a template with {credential.field}'],
  };
}

function parseTemplateFile(text: string): FileText {
  const { template, problems } = parseTemplate(text);
  if (problems.length === 0) return { content: { kind: 'template', template }, problems: [] };
  return {
    content: undefined,
    problems: problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`),
  };
}

/**
 * What is wrong with a file's name; `undefined`: nothing. Names that start with `..` belong to the swap of
 * file sets.
 */
export function fileNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9._-]{1,58}$/.test(name)) {
    return 'expected a file name of letters, digits, ".", "_" and "-", without folders';
  }
  return name === '.' || name.startsWith('..') ? 'a file name may not be "." or start with ".."' : undefined;
}

/** The credentials that a file is made of, each once. */
export function credentialsOf(content: FileContent): readonly string[] {
  if (content.kind !== 'template') return [content.credential];
  return [...new Set(content.template.flatMap((part) => ('text' in part ? [] : [part.credential])))];
}
