/** The audit log of the API server: one event of audit.k8s.io/v1 a line. */
import { objectOf, textMapOf, textOf, textsOf } from '../../src/core/json.ts';

export interface AuditEvent {
  readonly id: string;
  readonly verb: string;
  readonly uri: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The response's code; 0 when there was none. */
  readonly code: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `undefined` for a line that is no whole event, such as the last one while it is being written. */
export function auditEventOf(line: string): AuditEvent | undefined {
  const event = objectOf(parsed(line));
  const id = textOf(event['auditID']);
  if (id === undefined) return undefined;
  const user = objectOf(event['user']);
  const target = objectOf(event['objectRef']);
  const code = objectOf(event['responseStatus'])['code'];
  return {
    id,
    verb: textOf(event['verb']) ?? '',
    uri: textOf(event['requestURI']) ?? '',
    user: textOf(user['username']) ?? '',
    groups: textsOf(user['groups']),
    resource: textOf(target['resource']) ?? '',
    subresource: textOf(target['subresource']) ?? '',
    namespace: textOf(target['namespace']) ?? '',
    name: textOf(target['name']) ?? '',
    code: typeof code === 'number' ? code : 0,
    annotations: textMapOf(event['annotations']),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
