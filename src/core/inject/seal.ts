import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { CountersignError } from '../errors.ts';
import { type Json, objectOf } from '../json.ts';
import { INJECTED } from './annotations.ts';
import { canonicalText } from './canonical-text.ts';
import { partsOf } from './parts.ts';
import type { InjectionSettings } from './settings.ts';

/**
 * The annotation `countersign.dev/injected: v1.<HMAC-SHA256>`: Countersign wrote these parts, for this
 * account, in answer to these annotations. What counts as a part belongs to the version: releases with the
 * same one accept each other's seals.
 */
export interface Sealed {
  readonly namespace: string;
  readonly account: string;
  readonly pod: unknown;
}

const VERSION = 'v1';

/** The value of the annotation. */
export function sealOf(sealed: Sealed, settings: InjectionSettings): string {
  const [key] = settings.keys;
  if (key === undefined) throw new CountersignError('ERR_CONFIG', 'injection has no key to sign with');
  return seal(sealedText(sealed, settings), key);
}

/** Does the pod carry a seal of ours, by any accepted key, and is nothing that it covers altered? */
export function isSealed(sealed: Sealed, settings: InjectionSettings): boolean {
  const annotation = annotationsOf(sealed.pod)[INJECTED];
  if (typeof annotation !== 'string') return false;
  const text = sealedText(sealed, settings);
  return settings.keys.some((key) => equal(annotation, seal(text, key)));
}

function annotationsOf(pod: unknown): Readonly<Record<string, unknown>> {
  return objectOf(objectOf(objectOf(pod)['metadata'])['annotations']);
}

function sealedText({ namespace, account, pod }: Sealed, { runAsUser }: InjectionSettings): string {
  const parts = partsOf(pod, { platformUsers: runAsUser === undefined });
  const pairs: Json = parts.map(({ path, value }): Json => [path, value]);
  return canonicalText([INJECTED, VERSION, namespace, account, pairs]);
}

function seal(text: string, key: KeyObject): string {
  return `${VERSION}.${createHmac('sha256', key).update(text, 'utf16le').digest('base64url')}`;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
}
