import type { Facts } from '../../admit/ports.ts';
import type { Notice } from '../../core/notice.ts';
import { shown } from '../../core/text.ts';
import { timeText } from '../../core/time.ts';
import type { WorkloadName } from '../../core/verdict/grants.ts';
import type { EventEntry, Regarding } from '../event.ts';
import type { GrantEntry } from './entry.ts';
import type { GrantEvent, Standing } from './standing.ts';

/** What happened to a grant, as people are told of it in the cluster and outside. */
const SENTENCES: Readonly<Record<GrantEvent, string>> = {
  GrantOpened: 'was asked for',
  GrantApproved: 'was approved',
  GrantRejected: 'was rejected',
  GrantRevoked: 'was revoked',
  GrantUsed: 'is used for the first time',
  GrantExpiring: 'ends soon',
  GrantExpired: 'has ended',
};

/** After these the next admission may be refused. */
const WARNINGS: readonly GrantEvent[] = ['GrantExpiring', 'GrantExpired', 'GrantRevoked'];

export type Told = Pick<Standing, 'by' | 'message' | 'expiresAtMs'>;

export function grantNotice(
  event: GrantEvent,
  entry: GrantEntry,
  { by, message, expiresAtMs }: Told,
): Notice {
  const { namespace, name, uid, grant } = entry;
  const { account, workload, requester, decision } = grant ?? {};
  return {
    event,
    uid,
    namespace,
    text: sentence(event, entry, message),
    fields: {
      name,
      serviceAccount: account?.name,
      workload: workload && `${workload.kind}/${workload.name}`,
      requester,
      by: event === 'GrantOpened' ? undefined : by,
      decision,
      expiresAt: expiresAtMs === undefined ? undefined : timeText(expiresAtMs),
    },
  };
}

/** `undefined`: nobody knows whom it is about. */
export function grantEventEntry(
  event: GrantEvent,
  entry: GrantEntry,
  { message }: Told,
  facts: Pick<Facts, 'account' | 'runningAs'>,
): EventEntry | undefined {
  const regarding = regardingOf(entry, facts);
  if (regarding === undefined) return undefined;
  return {
    regarding,
    type: WARNINGS.includes(event) ? 'Warning' : 'Normal',
    reason: event,
    action: 'Grant',
    note: sentence(event, entry, message),
    key: `${event} ${entry.uid}`,
  };
}

function sentence(event: GrantEvent, { namespace, name }: GrantEntry, message: string): string {
  const what = `grant ${shown(namespace)}/${shown(name)} ${SENTENCES[event]}`;
  return message === '' ? what : `${what}: ${message}`;
}

/** Of the built-in kinds that make pods; of any other the Event stands at the account. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  Pod: 'v1',
  ReplicationController: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
};

function regardingOf(
  { namespace, grant }: GrantEntry,
  facts: Pick<Facts, 'account' | 'runningAs'>,
): Regarding | undefined {
  if (grant === undefined) return undefined;
  const account = { namespace, name: grant.account.name };
  const { workload } = grant;
  const apiVersion =
    workload && Object.hasOwn(API_VERSIONS, workload.kind) ? API_VERSIONS[workload.kind] : undefined;
  if (workload === undefined || apiVersion === undefined) {
    return { apiVersion: 'v1', kind: 'ServiceAccount', ...account, uid: facts.account(account)?.uid };
  }
  const isIt = ({ kind, name }: WorkloadName) => kind === workload.kind && name === workload.name;
  const { kind, name } = workload;
  return { apiVersion, kind, namespace, name, uid: facts.runningAs(account).find(isIt)?.uid };
}
