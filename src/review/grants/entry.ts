import type { GrantProblem } from '../../api/parse-grant.ts';
import { parseDecision, parseGrant } from '../../api/parse-grant.ts';
import { type JsonObject, objectOf, textOf } from '../../core/json.ts';
import type { Grant, GrantDecision } from '../../core/verdict/grants.ts';

/** An AccessGrant as the leader keeps it. */
export interface GrantEntry extends Stored {
  /** `undefined`: it cannot be read, and counts for nothing. */
  readonly grant: Grant | undefined;
  /** Why not. */
  readonly problem: string | undefined;
  /** The status as it is stored. */
  readonly status: JsonObject;
}

/** An AccessDecision, and the grant that it is about, by key and uid. */
export interface DecisionEntry extends Stored {
  readonly grantKey: string;
  readonly grantUid: string | undefined;
  readonly decision: GrantDecision | undefined;
}

interface Stored {
  /** `NAMESPACE/NAME`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdMs: number;
}

const BASE = '/apis/countersign.dev/v1alpha1';
export const GRANTS_PATH = `${BASE}/accessgrants`;
export const DECISIONS_PATH = `${BASE}/accessdecisions`;

export function pathOf(plural: 'accessgrants' | 'accessdecisions', { namespace, name }: Place): string {
  return `${BASE}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
}

export type Place = Pick<Stored, 'namespace' | 'name'>;

export function grantEntry(object: unknown): GrantEntry | undefined {
  const stored = storedOf(object);
  if (stored === undefined) return undefined;
  const { value, problems } = parseGrant(complete('AccessGrant', object));
  const [problem] = problems;
  return {
    ...stored,
    grant: value,
    problem: problem && problemText(problem),
    status: objectOf(objectOf(object)['status']),
  };
}

export function decisionEntry(object: unknown): DecisionEntry | undefined {
  const stored = storedOf(object);
  if (stored === undefined) return undefined;
  const { grant, grantUID } = objectOf(objectOf(object)['spec']);
  return {
    ...stored,
    grantKey: `${stored.namespace}/${textOf(grant) ?? ''}`,
    grantUid: textOf(grantUID),
    decision: parseDecision(complete('AccessDecision', object)).value,
  };
}

function storedOf(object: unknown): Stored | undefined {
  const metadata = objectOf(objectOf(object)['metadata']);
  const [namespace, name, uid, resourceVersion] = ['namespace', 'name', 'uid', 'resourceVersion'].map((key) =>
    textOf(metadata[key]),
  );
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  const createdMs = Date.parse(textOf(metadata['creationTimestamp']) ?? '') || 0;
  const key = `${namespace}/${name}`;
  return { key, namespace, name, uid, resourceVersion: resourceVersion ?? '', createdMs };
}

/** Objects of a list name no kind. */
function complete(kind: string, object: unknown): object {
  return { ...objectOf(object), apiVersion: 'countersign.dev/v1alpha1', kind };
}

function problemText({ path, message, line, column }: GrantProblem): string {
  const place = line === undefined ? '' : `line ${line}, column ${column ?? 1}: `;
  return `${path.join('.')}: ${place}${message}`;
}
