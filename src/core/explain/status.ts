import type { Status } from './explanation.ts';
import { type Lowered, windowsOf } from './windows.ts';

const CODE = '(?<code>400|401|403|404|405|422|429|500|503)\\b';

/** Where texts say their status in numbers, surest first. */
const PLACES: readonly (readonly [literal: string, pattern: RegExp])[] = [
  ['http/', new RegExp(`HTTP/[0-9.]{1,3} ${CODE}`, 'i')],
  ['code: ', new RegExp(`\\bCode: ${CODE}`)],
  ['"code":', new RegExp(`"code":\\s{0,4}${CODE}`)],
  ['"status":', new RegExp(`"status":\\s{0,4}${CODE}`)],
  ['status', new RegExp(`\\bstatus(?: ?code)?[ :=]{1,3}${CODE}`, 'i')],
  ['http', new RegExp(`\\bhttp (?:error )?${CODE}`, 'i')],
  ['error ', new RegExp(`\\bError ${CODE}`)],
  ['403 forbidden', new RegExp(`\\b${CODE} Forbidden`, 'i')],
  ['401 unauthorized', new RegExp(`\\b${CODE} Unauthorized`, 'i')],
];

/** `Error from server (REASON)`, and plainer words. */
const REASONS: readonly (readonly [literal: string, status: Status])[] = [
  ['(forbidden)', 403],
  ['(unauthorized)', 401],
  ['(notfound)', 404],
  ['(toomanyrequests)', 429],
  ['(invalid)', 422],
  ['(internalerror)', 500],
  [' is invalid: ', 422],
  ['accessdenied', 403],
  ['unauthorized', 401],
  ['forbidden', 403],
];

export function statusIn(text: Lowered): Status | undefined {
  for (const [literal, pattern] of PLACES) {
    for (const window of windowsOf(text, literal)) {
      const code = pattern.exec(window)?.groups?.['code'];
      if (code !== undefined) return Number(code) as Status;
    }
  }
  return undefined;
}

export function reasonIn({ lowered }: Lowered): Status | undefined {
  return REASONS.find(([literal]) => lowered.includes(literal))?.[1];
}
