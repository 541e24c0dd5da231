import { type JsonObject, objectOf, textOf } from '../core/json.ts';
import { ROTATIONS, type Rotation, type Step } from './due.ts';

/** What an operator asks for by an annotation of the Secret: it goes as each rotation begins. */
export const RENEW = 'countersign.dev/renew';

/** Which rotation a step begins. */
const BEGINS: Readonly<Partial<Record<Step, Rotation>>> = {
  MakeAuthority: 'ca',
  IssueLeaf: 'tls',
  MakePath: 'path',
  MakeInjection: 'injection',
  NextInjection: 'injection',
};

/** Words that mean nothing are passed over. */
export function askedFor(secret: JsonObject): ReadonlySet<Rotation> {
  const text = textOf(objectOf(objectOf(secret['metadata'])['annotations'])[RENEW]) ?? '';
  const words = text.split(',').map((word) => word.trim());
  return new Set(ROTATIONS.filter((rotation) => words.includes(rotation)));
}

/** `null`: none is asked for any more; `undefined`: no step began one. */
export function remaining(asked: ReadonlySet<Rotation>, steps: readonly Step[]): string | null | undefined {
  const begun = steps.map((step) => BEGINS[step]);
  const left = [...asked].filter((rotation) => !begun.includes(rotation));
  if (left.length === asked.size) return undefined;
  return left.length === 0 ? null : left.join(',');
}
