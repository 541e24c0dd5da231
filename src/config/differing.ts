import { isObject } from '../core/json.ts';

/** Where two configurations differ, as keys such as `webhook.caller.segment`; a list is one value. */
export function differingKeys(one: unknown, other: unknown, key = ''): readonly string[] {
  if (!isObject(one) || !isObject(other)) {
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [key];
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) =>
    differingKeys(one[name], other[name], key === '' ? name : `${key}.${name}`),
  );
}
