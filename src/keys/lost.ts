import type { JsonObject } from '../core/json.ts';
import { PARTS, type Part, readContents } from './contents.ts';
import type { FollowedKeys } from './follow.ts';

/** What was good once and is not now: emptied or overwritten by hand or by a tool. */
export interface LostParts {
  readonly parts: readonly Part[];
  /** Their entries, base64; `null`: it was not there. */
  readonly data: JsonObject;
}

/** Only what is whole again by it: an old certificate is no use beside a CA that replaced its own. */
export function lostParts(
  data: JsonObject,
  { remembered }: Pick<FollowedKeys, 'remembered'>,
  tls: boolean,
): LostParts {
  const concerned: readonly Part[] = tls ? ['authority', 'leaf', 'injection', 'path'] : ['injection', 'path'];
  let restored: JsonObject = {};
  const parts: Part[] = [];
  for (const part of concerned) {
    const before = remembered(part);
    const bad = (candidate: JsonObject) =>
      readContents(candidate).problems.some((problem) => problem.part === part);
    if (before === undefined || !bad({ ...data, ...restored })) continue;
    const whole = Object.fromEntries(PARTS[part].map((entry) => [entry, before[entry] ?? null]));
    if (bad({ ...data, ...restored, ...whole })) continue;
    restored = { ...restored, ...whole };
    parts.push(part);
  }
  return { parts, data: restored };
}
