/** What `kubectl` printed of an answer of ours: lines without columns, and without what differs each time. */
export function saidIn(stderr: string): readonly string[] {
  return stderr
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace(/^.* denied the request: /u, '')
        .replaceAll(/d-[0-9a-z]{8}/gu, 'd-ID')
        .trim()
        .replaceAll(/ {2,}/gu, ' '),
    );
}
