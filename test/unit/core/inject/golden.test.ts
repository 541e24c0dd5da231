import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkInjected } from '../../../../src/core/inject/invariants.ts';
import { applyPlan, toPatch } from '../../../../src/core/inject/patch.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { type JsonObject, objectOf, textMapOf } from '../../../../src/core/json.ts';
import { inputFor, planFor } from './fixtures.ts';

const FOLDER = new URL('../../../golden/inject/', import.meta.url);
const CASES = readdirSync(FOLDER);

function read(name: string, file: string): string {
  return readFileSync(new URL(`${name}/${file}.json`, FOLDER), 'utf8');
}

function inputOf(name: string, file: string) {
  const pod: JsonObject = JSON.parse(read(name, file));
  return inputFor(pod, textMapOf(objectOf(pod['metadata'])['annotations']));
}

describe('golden pods', () => {
  it.each(CASES)('%s is patched as before, to the byte', (name) => {
    const input = inputOf(name, 'pod');
    const patch = toPatch(planFor(input), input.pod);

    if (process.env['UPDATE_GOLDEN'] === '1') {
      const text = `${JSON.stringify(patch, null, 2)}\n`;
      writeFileSync(new URL(`${name}/want-patch.json`, FOLDER), text);
    }

    const want: unknown = JSON.parse(read(name, 'want-patch'));
    expect(patch).toEqual(want);
    // The bytes on the wire; those of the file are the formatter's.
    expect(JSON.stringify(patch)).toBe(JSON.stringify(want));
  });

  // stored.json: what kube-apiserver 1.37.2 made of the patched pod with LimitRanger and AlwaysPullImages at work.
  it.each(CASES)('%s is accepted as the API server stores it', (name) => {
    const input = inputOf(name, 'stored');

    expect(checkInjected({ ...input, username: 'system:admin' })).toEqual([]);
    expect(planInjection(input)).toEqual({ kind: 'nothing', reason: 'already' });
  });

  it.each(CASES)('%s has nothing of ours in it before', (name) => {
    const input = inputOf(name, 'pod');

    expect(JSON.stringify(input.pod)).not.toContain('countersign-');
    expect(applyPlan(planFor(input), input.pod)).not.toEqual(input.pod);
  });
});
