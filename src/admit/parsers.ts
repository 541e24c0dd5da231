import { PARSERS, type Parsers } from '../core/admission/declaration.ts';
import { PREFIX } from '../core/inject/annotations.ts';

/**
 * The parsers with a memory: a workload is applied again and again with the same words, and each of its pods is asked about
 * several times. Only what depends on the text alone is remembered, so nothing of it can be out of date.
 */
export interface MemoryLimits {
  readonly entries: number;
  /** Characters of all remembered texts together; a text may not have more than a sixteenth of them. */
  readonly characters: number;
}

/** What is parsed can take thirty times as much as its text: some 8 MiB each, if somebody fills them on purpose. */
const LIMITS: MemoryLimits = { entries: 256, characters: 128 * 1024 };

export function rememberingParsers(limits: MemoryLimits = LIMITS): Parsers {
  const injection = createMemory<ReturnType<Parsers['injection']>>(limits);
  const scopes = createMemory<ReturnType<Parsers['scopes']>>(limits);
  return {
    injection: (annotations) => injection(textOf(annotations), () => PARSERS.injection(annotations)),
    scopes: (text) => scopes(text, () => PARSERS.scopes(text)),
  };
}

/** All that its parser looks at. */
function textOf(annotations: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX)));
}

type Memory<T> = (text: string, parse: () => T) => T;

function createMemory<T>({ entries, characters }: MemoryLimits): Memory<T> {
  const known = new Map<string, T>();
  let total = 0;

  function forget(text: string): void {
    if (known.delete(text)) total -= text.length;
  }

  return (text, parse) => {
    const found = known.get(text);
    const result = found ?? parse();
    if (text.length > characters / 16) return result;
    // What was asked for last is last, so the first is the one to forget.
    forget(text);
    known.set(text, result);
    total += text.length;
    for (const oldest of known.keys()) {
      if (known.size <= entries && total <= characters) break;
      forget(oldest);
    }
    return result;
  };
}
