import type { JsonObject } from '../../src/core/json.ts';

/** What the API server gives every object; most of the text of a list is that. */
export type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly managedFields: readonly JsonObject[];
};

export interface Place {
  readonly name: string;
  readonly namespace?: string;
}

export function metadataOf(kind: string, at: number, place: Place): Metadata {
  const name = place.name.slice(0, 40);
  return {
    ...place,
    uid: uidOf(kind, at),
    resourceVersion: String(100_000 + at),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: {
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.sh/chart': `chart-1.${at % 20}.0`,
    },
    managedFields: [
      {
        manager: 'helm',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {}, 'f:helm.sh/chart': {} } },
        },
      },
    ],
  };
}

export function uidOf(kind: string, at: number): string {
  return `${hex(at, 8)}-${hex(kind.length, 4)}-4000-8000-${hex(kind.codePointAt(0) ?? 0, 4)}${hex(at, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
