import { ENV_MINOR, minorOf, RESTART_MINOR, SIDECAR_MINOR } from '../core/inject/nodes.ts';
import { objectOf, textOf } from '../core/json.ts';
import { listPages } from '../kube/list.ts';
import { type Check, type Finding, ok, warn } from './check.ts';

interface NodeVersion {
  readonly name: string;
  /** `v1.37.2` */
  readonly kubelet: string | undefined;
}

/** Which ways of handing credentials work on every node? */
export const nodes: Check<readonly NodeVersion[]> = {
  name: 'nodes',
  async ask({ client }) {
    const found: NodeVersion[] = [];
    for await (const { items } of listPages(client, '/api/v1/nodes')) {
      for (const { metadata, status } of items.map(objectOf)) {
        const kubelet = textOf(objectOf(objectOf(status)['nodeInfo'])['kubeletVersion']);
        found.push({ name: textOf(objectOf(metadata)['name']) ?? '', kubelet });
      }
    }
    return found;
  },
  judge(asked) {
    if (asked.length === 0) {
      return [
        warn('there are no nodes yet', 'look again once there are: old ones limit what pods may ask for'),
      ];
    }
    const lacking = DEMANDS.flatMap((demand) => lack(asked, demand));
    return lacking.length > 0
      ? lacking
      : [ok(`all kubelets (${asked.length}) are new enough for files, variables and restarts`)];
  },
};

interface Demand {
  readonly minor: number;
  readonly what: string;
  readonly instead: string;
}

const DEMANDS: readonly Demand[] = [
  {
    minor: SIDECAR_MINOR,
    what: 'credentials that are renewed (countersign.dev/agent)',
    instead: 'upgrade those nodes, or ask for "init"',
  },
  {
    minor: ENV_MINOR,
    what: 'variables (countersign.dev/env.*)',
    instead: 'upgrade those nodes, or let programs read files (countersign.dev/file.*)',
  },
  {
    minor: RESTART_MINOR,
    what: 'restarts on rotation (countersign.dev/rotate: restart)',
    instead: 'upgrade those nodes, or let programs read files (countersign.dev/file.*)',
  },
];

function lack(asked: readonly NodeVersion[], { minor, what, instead }: Demand): readonly Finding[] {
  const old = asked.filter(({ kubelet }) => minorOf(kubelet) < minor);
  const [first] = old;
  if (first === undefined) return [];
  const example = `${first.name} has ${first.kubelet ?? 'none'}`;
  const all = old.length === asked.length;
  return [
    warn(
      `${what} need kubelet 1.${minor}: ${old.length} of ${asked.length} nodes are older (${example}), ` +
        `so pods that ask for it are refused${all ? '' : ' unless their nodeSelector leaves those out'}`,
      instead,
    ),
  ];
}
