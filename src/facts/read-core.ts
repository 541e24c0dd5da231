import type { AccountFacts, NamespaceFacts } from '../admit/ports.ts';
import { NEEDS } from '../core/admission/declaration.ts';
import type { NodeFacts } from '../core/inject/nodes.ts';
import type { Pool } from './pool.ts';
import { flagAt, objectAt, objectsAt, type Spot, textAt, textMapAt } from './spot.ts';

/** Namespaces, service accounts and nodes, as far as they decide. */
export function readNamespace(spot: Spot, pool: Pool): NamespaceFacts {
  const metadata = objectAt(spot, 'metadata');
  return {
    labels: labelsOf(metadata, pool),
    deleting: textAt(metadata, 'deletionTimestamp') !== undefined,
  };
}

export function readNode(spot: Spot, pool: Pool): NodeFacts {
  const metadata = objectAt(spot, 'metadata');
  const version = textAt(objectAt(objectAt(spot, 'status'), 'nodeInfo'), 'kubeletVersion');
  return {
    name: textAt(metadata, 'name') ?? '',
    labels: labelsOf(metadata, pool),
    kubeletVersion: version === undefined ? undefined : pool.text(version),
  };
}

function labelsOf(metadata: Spot, pool: Pool): Readonly<Record<string, string>> {
  const labels = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(textMapAt(metadata, 'labels'))) {
    labels[pool.text(key)] = pool.text(value);
  }
  return labels;
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
