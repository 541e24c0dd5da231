import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printResource, printScope } from '../../../../src/core/scope/print.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

describe('printScope', () => {
  it.each([
    ['get pods.core', 'get pods'],
    ['get  pods."apps" in  "shop"', 'get pods.apps in shop'],
    ['get "pods"/"log" named "a"', 'get pods/log named a'],
    ['get *', 'get *'],
    ['get *.*', 'get *'],
    ['get "*"', 'get *.core'],
    ['get *.core/scale', 'get *.core/scale'],
    ['get *.*/scale', 'get */scale'],
    ['get pods.*', 'get pods.*'],
    ['get pods."core"', 'get pods."core"'],
    ['get "url".apps', 'get "url".apps'],
    ['get a/"b.c"', 'get a/"b.c"'],
    ['get url /metrics', 'get /metrics'],
    ['get url "*"', 'get url "*"'],
    ['get url "/a?b"', 'get url "/a?b"'],
    ['vault "read" "secret/data/x"', 'vault read secret/data/x'],
    ['vault read "v1/x"', 'vault read "v1/x"'],
    ['vault read "a/*/b"', 'vault read "a/*/b"'],
    ['vault read ""', 'vault read ""'],
    ['watch,get,"a b" pods named a,"b,c"', 'watch,get,"a b" pods named a,"b,c"'],
    ['vault read,list x', 'vault read,list x'],
    ['get pods everywhere # why', 'get pods everywhere'],
  ])('prints %s as %s', (text, printed) => {
    const { scopes } = parseScopes(text);

    expect(scopes.map(({ scope }) => printScope(scope))).toEqual([printed]);
  });

  it.each([
    ['a control character', '\u0007\n\u009b', String.raw`"\u0007\u000a\u009b"`],
    ['text that runs backwards', '\u202egnp', String.raw`"\u202egnp"`],
    ['a lone surrogate', '\ud83d', String.raw`"\ud83d"`],
    ['white space', 'a b\u00a0c\u2028d', String.raw`"a b\u00a0c\u2028d"`],
    ['a letter that looks like another', 'p\u043eds', String.raw`"p\u043eds"`],
    ['a character beyond the basic plane', '🙂', String.raw`"\ud83d\ude42"`],
    ['quotes and backslashes', '"\\', String.raw`"\"\\"`],
    ['a keyword', 'everywhere', '"everywhere"'],
    ['nothing', '', '""'],
    ['a pattern', '*', '"*"'],
  ])('quotes %s in a name', (_, name, quoted) => {
    const scope: Scope = {
      kind: 'resource',
      verbs: ['get'],
      group: '',
      resource: 'pods',
      names: [name],
      place: 'own',
    };

    expect(printScope(scope)).toBe(`get pods named ${quoted}`);
  });

  it('quotes `vault` as a verb only', () => {
    const place = { namespace: 'vault' };
    const scope: Scope = {
      kind: 'resource',
      verbs: ['vault'],
      group: 'vault',
      resource: 'vault/vault',
      names: ['vault'],
      place,
    };

    expect(printScope(scope)).toBe('"vault" vault.vault/vault named vault in vault');
  });
});

it.each(['a1', '1a', 'a-b', ''])(
  'quotes the capability %j, which can have come from a policy only',
  (word) => {
    const scope: Scope = { kind: 'vault', capabilities: ['read', word], path: 'x' };

    expect(printScope(scope)).toBe(`vault read,"${word}" x`);
  },
);

describe('printResource', () => {
  it.each([
    ['', 'pods', 'pods'],
    ['', '*', '*.core'],
    ['', 'a/b/c', 'a/"b/c"'],
    ['', '/a', '""/a'],
    ['', 'a/', 'a/""'],
    ['apps', 'deployments/scale', 'deployments.apps/scale'],
    ['*', '*', '*'],
    ['apps', '*', '*.apps'],
    ['a..b', 'x', 'x."a..b"'],
  ])('spells group %j and resource %j as %s', (group, resource, printed) => {
    expect(printResource(group, resource)).toBe(printed);
  });
});
