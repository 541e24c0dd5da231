import { CountersignError } from '../core/errors.ts';
import { TOO_LARGE } from './client.ts';

/**
 * Cuts a stream of bytes into lines: chunks may end anywhere, also inside a character, so bytes are joined before they
 * are decoded.
 * @param maxBytes of one line; a longer one is ERR_KUBE_PROTOCOL, since what can't be held can't be understood.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      check(restBytes + end - start, maxBytes);
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
      [rest, restBytes] = [[], 0];
      start = end + 1;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    check(restBytes, maxBytes);
  }
  // A line without its end is a line that was cut off: the connection broke, and its event comes again.
}

const NEWLINE = 0x0a;

function check(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new CountersignError('ERR_KUBE_PROTOCOL', `a line is longer than ${maxBytes} bytes`, {
    cause: TOO_LARGE,
  });
}
