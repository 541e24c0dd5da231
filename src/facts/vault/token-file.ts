import { readFile } from 'node:fs/promises';
import { vaultFailure } from './failure.ts';

/** What a JWT looks like, and nothing that could end a header or a line. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The token in a file, which is in no message. */
export async function readTokenFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code } = Object(error) as { readonly code?: unknown };
    throw vaultFailure('NoToken', `${file} (${typeof code === 'string' ? code : 'unknown error'})`);
  });
  const jwt = text.trim();
  if (!JWT.test(jwt)) throw vaultFailure('NoToken', `${file} does not hold a JWT`);
  return jwt;
}
