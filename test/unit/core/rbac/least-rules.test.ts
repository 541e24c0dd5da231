import { describe, expect, it } from 'vitest';
import { rulesFor, withoutOverlap } from '../../../../src/core/rbac/least-rules.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { kubernetesOnly } from '../../../../src/core/verdict/verdict.ts';
import { rule, urls } from '../../../support/rbac.ts';
import { scopes } from '../../../support/verdict.ts';

const of = (lines: readonly string[]) => kubernetesOnly(scopes(...lines));

describe('scopes without overlap', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['are none of none', [], []],
    ['are each once', ['get pods', 'get pods'], ['get pods in shop']],
    [
      'are in one order',
      ['list pods', 'get /x', 'get pods'],
      ['get /x', 'get pods in shop', 'list pods in shop'],
    ],
    ['keep no verb that a later one covers', ['get,list pods', '* pods'], ['* pods in shop']],
    ['keep no verb that an earlier one covers', ['* *', 'get pods'], ['* * in shop']],
    ['share no verb', ['get,list pods', 'list,watch pods'], ['get,list pods in shop', 'watch pods in shop']],
    [
      'share no name, the wider one keeping it',
      ['get pods named a,b', 'get,list pods named b'],
      ['get pods named a,b in shop', 'list pods named b in shop'],
    ],
    ['keep no name where every name is there', ['get pods named a', 'get pods'], ['get pods in shop']],
    ['keep no place where everywhere is there', ['get pods', 'get pods everywhere'], ['get pods everywhere']],
    ['keep what is in two places', ['get pods', 'get pods in dev'], ['get pods in dev', 'get pods in shop']],
    ['keep no URL that another covers', ['get /x/y', 'get /x/*'], ['get /x/*']],
  ])('%s', (_, lines, want) => {
    for (const some of [lines, lines.toReversed()]) {
      expect(withoutOverlap(of(some)).map(printScope)).toEqual(want);
    }
  });
});

describe('the rules for some scopes', () => {
  it.each<[string, readonly string[], ReturnType<typeof rulesFor>]>([
    ['are none for none', [], []],
    [
      'join verbs, in the order of people',
      ['list,delete pods', 'get pods'],
      [rule('get,list,delete', 'pods')],
    ],
    ['join resources, in order', ['get pods', 'get configmaps'], [rule('get', 'configmaps,pods')]],
    [
      'join names, in order, each once',
      ['get pods named b', 'get pods named a,b'],
      [rule('get', 'pods', { resourceNames: ['a', 'b'] })],
    ],
    [
      'join groups, in order',
      ['get events.events.k8s.io', 'get events'],
      [rule('get', 'events', { apiGroups: ['', 'events.k8s.io'] })],
    ],
    ['join URLs, in order', ['get /b', 'get /a'], [urls('get', '/a', '/b')]],
    [
      'join what is alike once its verbs are joined',
      ['get pods', 'list pods', 'get,list configmaps'],
      [rule('get,list', 'configmaps,pods')],
    ],
    [
      'join verbs first',
      ['get pods', 'get services', 'list pods'],
      [rule('get,list', 'pods'), rule('get', 'services')],
    ],
    [
      'join no groups of other resources',
      ['get pods', 'get deployments.apps'],
      [rule('get', 'pods'), rule('get', 'deployments', { apiGroups: ['apps'] })],
    ],
    ['join no URL with a resource', ['get /x', 'get pods'], [rule('get', 'pods'), urls('get', '/x')]],
    [
      'keep names from every name, which comes first',
      ['list pods named a', 'get pods'],
      [rule('get', 'pods'), rule('list', 'pods', { resourceNames: ['a'] })],
    ],
    [
      'are ordered by group, then resource, then names',
      ['list pods named a', 'get deployments.apps', 'watch configmaps', 'get pods named b', 'create pods'],
      [
        rule('watch', 'configmaps'),
        rule('create', 'pods'),
        rule('list', 'pods', { resourceNames: ['a'] }),
        rule('get', 'pods', { resourceNames: ['b'] }),
        rule('get', 'deployments', { apiGroups: ['apps'] }),
      ],
    ],
    [
      'keep names from every name, also with the same verbs',
      ['get pods named a', 'get pods'],
      [rule('get', 'pods'), rule('get', 'pods', { resourceNames: ['a'] })],
    ],
    ['say nothing of the place', ['get pods in dev', 'get pods'], [rule('get', 'pods')]],
  ])('%s', (_, lines, want) => {
    for (const some of [lines, lines.toReversed()]) expect(rulesFor(of(some))).toEqual(want);
  });
});
