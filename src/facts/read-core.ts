import type { AccountFacts, NamespaceFacts } from '../admit/ports.ts';
import { NEEDS } from '../core/admission/declaration.ts';
import type { Pool } from './pool.ts';
import { flagAt, objectAt, objectsAt, type Spot, textAt, textMapAt } from './spot.ts';

/** Namespaces and service accounts, as far as they decide. */
export function readNamespace(spot: Spot, pool: Pool): NamespaceFacts {
  const metadata = objectAt(spot, 'metadata');
  const labels = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(textMapAt(metadata, 'labels'))) {
    labels[pool.text(key)] = pool.text(value);
  }
  return { labels, deleting: textAt(metadata, 'deletionTimestamp') !== undefined };
}

export function readAccount(spot: Spot): AccountFacts {
  const metadata = objectAt(spot, 'metadata');
  return {
    uid: textAt(metadata, 'uid'),
    automount: flagAt(spot, 'automountServiceAccountToken'),
    needs: textMapAt(metadata, 'annotations')[NEEDS],
    secrets: objectsAt(spot, 'secrets').flatMap((secret) => textAt(secret, 'name') ?? []),
  };
}
