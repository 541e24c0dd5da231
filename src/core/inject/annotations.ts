import { compareText } from '../scope/canonical.ts';
import { nearest } from '../scope/nearest.ts';

/**
 * Every annotation key that Countersign knows, and what each is for. Any other key below the prefix is a
 * mistake.
 */

export const PREFIX = 'countersign.dev/';
export const INJECT = `${PREFIX}inject`;
export const INJECTED = `${PREFIX}injected`;
/** Of the token that the pod was given, so that it can be revoked. */
export const ACCESSOR = `${PREFIX}accessor`;
/** A label, so that such pods can be watched alone. */
export const ISSUANCE = `${PREFIX}issuance`;

/**
 * A mistake in a pod or in what a person wrote on it. `field`: the annotation's key, or the place in the pod.
 */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  /** Where in the text of the field, from 1. */
  readonly line?: number;
  readonly column?: number;
}

type AnnotationPurpose =
  /** Part of the request for credentials. */
  | 'request'
  /** Says something of the workload, whether or not it asks for credentials. */
  | 'declaration'
  /** Written by Countersign, never by a person. */
  | 'record';

interface AnnotationForm {
  readonly name: string;
  /** What stands behind `name.`; absent: nothing does. */
  readonly argument?: string;
  readonly purpose: AnnotationPurpose;
}

const ANNOTATIONS: readonly AnnotationForm[] = [
  { name: 'inject', purpose: 'request' },
  { name: 'vault', purpose: 'request' },
  { name: 'vault-role', purpose: 'request' },
  { name: 'credential', argument: '<name>', purpose: 'request' },
  { name: 'file', argument: '<file name>', purpose: 'request' },
  { name: 'token', purpose: 'request' },
  { name: 'containers', purpose: 'request' },
  { name: 'containers', argument: '<credential>', purpose: 'request' },
  { name: 'agent', purpose: 'request' },
  { name: 'order', purpose: 'request' },
  { name: 'env', argument: '<VAR>', purpose: 'request' },
  { name: 'identity', argument: '<file name>', purpose: 'request' },
  { name: 'refresh', argument: '<credential>', purpose: 'request' },
  { name: 'notify', purpose: 'request' },
  { name: 'rotate', purpose: 'request' },
  { name: 'needs', purpose: 'declaration' },
  { name: 'break-glass', purpose: 'declaration' },
  { name: 'injected', purpose: 'record' },
  { name: 'accessor', purpose: 'record' },
];

/** One annotation of ours, as it stands on a pod. */
export interface Annotation {
  readonly key: string;
  readonly name: string;
  /** What stands behind `name.`; `undefined`: the form without it. */
  readonly argument: string | undefined;
  readonly purpose: AnnotationPurpose;
}

/** An annotation that is part of a request, with what it says. */
export interface Asked extends Annotation {
  readonly value: string;
}

/** Takes a problem with the annotation of that key. */
export type Report = (key: string, message: string) => void;

/** A key below the prefix; `undefined`: there is no such annotation. */
export function readKey(key: string): Annotation | undefined {
  const { name, argument } = split(key);
  const form = FORMS.get(argument === undefined ? name : `${name}.`);
  return form && { key, name, argument, purpose: form.purpose };
}

/** By name, with a dot behind it where an argument follows. */
const FORMS: ReadonlyMap<string, AnnotationForm> = new Map(
  ANNOTATIONS.map((form) => [form.argument === undefined ? form.name : `${form.name}.`, form]),
);

export function isOurs(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** Does an injection rest on it? The request does, and what Countersign writes, its seal apart. */
export function isSealedKey(key: string): boolean {
  const purpose = key === INJECTED ? undefined : purposeOf(key);
  return purpose === 'request' || purpose === 'record';
}

/** Is it for Countersign alone to write? */
export function isRecord(key: string): boolean {
  return purposeOf(key) === 'record';
}

function purposeOf(key: string): AnnotationPurpose | undefined {
  return isOurs(key) ? readKey(key)?.purpose : undefined;
}

/** What to say of a key that does not exist: what it should probably have been. */
export function unknownKey(key: string): string {
  const { name, argument } = split(key);
  const near = nearest(
    name,
    ANNOTATIONS.map((form) => form.name),
  );
  const forms = ANNOTATIONS.filter((form) => form.name === near);
  const best = forms.find((form) => (form.argument === undefined) === (argument === undefined)) ?? forms[0];
  const hint =
    best === undefined
      ? `known are ${ANNOTATIONS.map(spelled).join(', ')}`
      : `did you mean ${PREFIX}${spelled(best)}?`;
  return `there is no such annotation; ${hint}`;
}

function spelled({ name, argument }: AnnotationForm): string {
  return argument === undefined ? name : `${name}.${argument}`;
}

function split(key: string): { name: string; argument: string | undefined } {
  const rest = key.slice(PREFIX.length);
  const dot = rest.indexOf('.');
  return dot < 0
    ? { name: rest, argument: undefined }
    : { name: rest.slice(0, dot), argument: rest.slice(dot + 1) };
}

/** Keys in an order that does not depend on how the object was written. */
export function sortedKeys(record: object): readonly string[] {
  return Object.keys(record).toSorted(compareText);
}
