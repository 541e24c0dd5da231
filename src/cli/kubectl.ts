import type { Endpoint } from '../admit/handler.ts';
import { isObject, listOf, objectOf, textOf, textsOf } from '../core/json.ts';

/** An answer as kubectl shows it to the person who applied the object (apimachinery's Status, kubectl's own prefix). */
export function asKubectl(review: unknown, endpoint: Endpoint, file: string): readonly string[] {
  const response = objectOf(objectOf(review)['response']);
  const warnings = textsOf(response['warnings']).map((warning) => `Warning: ${warning}`);
  if (response['allowed'] === true) return warnings;
  const status = objectOf(response['status']);
  const denied = `admission webhook "${endpoint}.countersign.dev" denied the request: ${messageOf(review)}`;
  return [
    ...warnings,
    `Error from server (${textOf(status['reason']) ?? ''}): error when creating "${file}": ${denied}`,
  ];
}

/** What a refusal says: of a review, or of the bare Status that answers what is none. */
export function messageOf(review: unknown): string {
  const answer = objectOf(review);
  const status = answer['kind'] === 'Status' ? answer : objectOf(objectOf(answer['response'])['status']);
  return textOf(status['message']) ?? '';
}

/** The operations of a response's JSON Patch; none where it has none. */
export function patchOf(review: unknown): readonly object[] {
  const patch = textOf(objectOf(objectOf(review)['response'])['patch']);
  if (patch === undefined) return [];
  return listOf(JSON.parse(Buffer.from(patch, 'base64').toString('utf8'))).filter(isObject);
}
