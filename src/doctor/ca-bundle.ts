import type { X509Certificate } from 'node:crypto';
import { objectOf, textMapOf, textOf } from '../core/json.ts';
import { refusalOf, unless } from '../kube/refusal.ts';
import { certificatesIn, daysLeft, isSignedBy } from './certificates.ts';
import { type Check, type Finding, fail, type Judging, ok, RELEASE, unseen, warn } from './check.ts';
import type { Registrations } from './registrations.ts';

interface Asked {
  readonly registrations: Registrations;
  readonly keys: Keys;
}

/** The Secret that the leader fills. */
type Keys =
  | { readonly kind: 'read'; readonly data: Readonly<Record<string, string>> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string };

const KEYS_SECRET = `${RELEASE}-keys`;
/** A leaf is renewed long before that. */
const SOON_DAYS = 7;
const BY_LEADER = `the replica that leads fills it in: kubectl logs -n NAMESPACE deploy/${RELEASE}; with a certificate of your own set its CA`;

/** Does the API server trust what we serve? */
export const caBundle: Check<Asked> = {
  name: 'certificates',
  async ask({ client, namespace, registrations }) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${KEYS_SECRET}`;
    const keys = unless([404], client.get(path)).then(
      (secret): Keys =>
        secret === undefined
          ? { kind: 'absent' }
          : { kind: 'read', data: textMapOf(objectOf(secret)['data']) },
      (error: unknown): Keys => {
        if (refusalOf(error)?.code !== 403) throw error;
        return { kind: 'refused', why: `may not get secrets named ${KEYS_SECRET} in ${namespace}` };
      },
    );
    return { registrations: await registrations(), keys: await keys };
  },
  judge({ registrations, keys }, judging) {
    const bundles = new Map<string, string[]>();
    for (const { name, entry } of registrations.webhooks) {
      const bundle = textOf(objectOf(entry['clientConfig'])['caBundle']) ?? '';
      bundles.set(bundle, [...(bundles.get(bundle) ?? []), name]);
    }
    return [...bundles].flatMap(([bundle, names]) => {
      const whose = bundles.size === 1 ? 'caBundle' : `caBundle of ${names.join(', ')}`;
      const trusted = certificatesIn(decoded(bundle));
      if (trusted === undefined || trusted.length === 0) {
        const what = bundle === '' ? 'is empty' : 'holds no certificates in PEM';
        return [fail(`${whose} ${what}: no call of the API server can succeed`, BY_LEADER)];
      }
      return [inTime(whose, trusted, judging), served(whose, trusted, keys, judging)];
    });
  },
};

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function inTime(whose: string, trusted: readonly X509Certificate[], { now }: Judging): Finding {
  const days = Math.max(...trusted.map((certificate) => daysLeft(certificate, now)));
  if (days < 0) return fail(`${whose} has expired`, BY_LEADER);
  if (days < SOON_DAYS) return warn(`${whose} expires in ${days} days`, BY_LEADER);
  return ok(`${whose} has ${trusted.length === 1 ? 'one CA' : `${trusted.length} CAs`}, for ${days} days`);
}

/** What the Secret serves, against what is trusted. */
function served(
  whose: string,
  trusted: readonly X509Certificate[],
  keys: Keys,
  { namespace, now }: Judging,
): Finding {
  if (keys.kind === 'refused') {
    return unseen(
      `not compared with the certificate that is served: ${keys.why}`,
      'run it with a kubeconfig that may; if the API server reaches us (below), they match',
    );
  }
  const [leaf] = keys.kind === 'read' ? (certificatesIn(decoded(keys.data['tls.crt'] ?? '')) ?? []) : [];
  if (leaf === undefined) {
    return ok(`no certificate of our own making in Secret ${KEYS_SECRET}: whoever makes it sets caBundle`);
  }
  const fix = `have a new one made: kubectl annotate -n ${namespace} secret ${KEYS_SECRET} countersign.dev/renew=tls --overwrite`;
  const host = `${RELEASE}.${namespace}.svc`;
  const days = daysLeft(leaf, now);
  if (days < 0) return fail('the certificate that is served has expired', fix);
  if (leaf.checkHost(host) === undefined)
    return fail(`the certificate that is served is not for ${host}`, fix);
  if (!trusted.some((authority) => isSignedBy(leaf, authority))) {
    return fail(`the certificate that is served is of no CA in ${whose}: somebody overwrote it`, BY_LEADER);
  }
  if (days < SOON_DAYS) return warn(`the certificate that is served expires in ${days} days`, fix);
  return ok(`the certificate that is served is of that CA, for ${days} days`);
}
