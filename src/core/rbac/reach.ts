import type { Account } from '../scope/scope.ts';
import type { Binding, Subject } from './rules.ts';

/** Service accounts that a binding reaches: one, those of a namespace, or all. */
export type Reach =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'all' };

const USER = /^system:serviceaccount:([^:]+):([^:]+)$/u;
const GROUP = /^system:serviceaccounts:([^:]+)$/u;
const ALL: readonly string[] = ['system:serviceaccounts', 'system:authenticated'];

/** The inverse of all the ways to be an account: by itself, by its user name, by the three groups of its tokens. */
export function reachOf({ subjects, namespace }: Binding): readonly Reach[] {
  return subjects.flatMap((subject) => reached(subject, namespace) ?? []);
}

function reached(
  { kind, name, namespace }: Subject,
  bindingNamespace: string | undefined,
): Reach | undefined {
  switch (kind) {
    case 'ServiceAccount':
      return one(namespace || bindingNamespace, name);
    case 'User': {
      const [, place, own] = USER.exec(name) ?? [];
      return one(place, own);
    }
    case 'Group': {
      if (ALL.includes(name)) return { kind: 'all' };
      const place = GROUP.exec(name)?.[1];
      return place === undefined ? undefined : { kind: 'namespace', namespace: place };
    }
    default:
      return undefined;
  }
}

function one(namespace: string | undefined, name: string | undefined): Reach | undefined {
  return namespace === undefined || name === undefined
    ? undefined
    : { kind: 'account', account: { namespace, name } };
}
