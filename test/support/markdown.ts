/** A fenced block of a page; `info` is what stands behind its language. */
export interface Block {
  readonly language: string;
  readonly info: string;
  readonly text: string;
}

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w+)(.*)\n([\s\S]*?)^```$/gmu)].map(
    ([, language = '', info = '', text = '']) => ({
      language,
      info: info.trim(),
      text,
    }),
  );
}
