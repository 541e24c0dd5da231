import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import { permittedBy } from '../../../../src/core/verdict/permitted.ts';
import { kubernetesOnly } from '../../../../src/core/verdict/verdict.ts';
import { scopes } from '../../../support/verdict.ts';

interface Limits {
  readonly forbid?: readonly string[];
  /** Lines of each ceiling. */
  readonly ceilings?: readonly (readonly string[])[];
}

function permitted(line: string, { forbid = [], ceilings = [] }: Limits): readonly string[] {
  const limits = {
    forbid: scopes(...forbid).map((scope) => ({ policy: 'p', scope })),
    ceilings: ceilings.map((lines) => ({ policy: 'p', scopes: scopes(...lines) })),
  };
  return kubernetesOnly(scopes(line))
    .flatMap((scope) => permittedBy(limits, scope))
    .map(printScope);
}

describe('of a scope may be given', () => {
  it.each<[string, string, Limits, string[]]>([
    ['all of it where nothing limits it', 'get,list pods', {}, ['get,list pods in shop']],
    ['the verbs that are not forbidden', 'get,list pods', { forbid: ['list pods'] }, ['get pods in shop']],
    [
      'nothing of a verb that is forbidden for one name, since it would have to be named',
      'get,list secrets',
      { forbid: ['get secrets named root'] },
      ['list secrets in shop'],
    ],
    ['nothing where every verb is forbidden', 'get,list pods', { forbid: ['get pods', 'list pods'] }, []],
    [
      'all of it where something else is forbidden',
      'get pods',
      { forbid: ['get secrets', 'get pods in dev', 'vault read secret/data/x'] },
      ['get pods in shop'],
    ],
    ['what the ceiling covers', 'get,list pods', { ceilings: [['get pods']] }, ['get pods in shop']],
    [
      'the names that the ceiling covers',
      'get secrets named a,b',
      { ceilings: [['get secrets named b,c']] },
      ['get secrets named b in shop'],
    ],
    [
      'what every ceiling covers',
      'get,list,watch pods',
      { ceilings: [['get,list pods'], ['list,watch pods']] },
      ['list pods in shop'],
    ],
    ['nothing beyond the ceiling', 'get pods', { ceilings: [['get secrets']] }, []],
    ['nothing under a ceiling of Vault paths only', 'get pods', { ceilings: [['vault read secret/*']] }, []],
    ['nothing under an empty ceiling', 'get pods', { ceilings: [[]] }, []],
    [
      'what the ceiling covers and nothing forbids',
      'get,list,delete pods',
      { forbid: ['delete pods'], ceilings: [['get,delete pods']] },
      ['get pods in shop'],
    ],
    ['a URL', 'get /metrics', { ceilings: [['get /metrics']] }, ['get /metrics']],
  ])('%s', (_, line, limits, want) => {
    expect(permitted(line, limits)).toEqual(want);
  });
});
