import { type JsonObject, objectOf } from '../core/json.ts';
import { RENEW } from './asked.ts';
import type { Change } from './make.ts';

/**
 * A merge patch that fails with 409 when somebody else has written meanwhile.
 *
 * @param renew what is still asked for; `null`: nothing; `undefined`: it stays as it is
 */
export function patchOf(secret: JsonObject, data: JsonObject, renew?: string | null): JsonObject {
  const resourceVersion = objectOf(secret['metadata'])['resourceVersion'] ?? '';
  const annotations = renew === undefined ? {} : { annotations: { [RENEW]: renew } };
  return { metadata: { resourceVersion, ...annotations }, data };
}

/** As `data` of a Secret has it. */
export function encodedOf(change: Change): JsonObject {
  return Object.fromEntries(
    Object.entries(change).map(([entry, value]) => [entry, value === null ? null : value.toString('base64')]),
  );
}
