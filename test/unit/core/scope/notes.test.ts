import { describe, expect, it } from 'vitest';
import { notesOn } from '../../../../src/core/scope/notes.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { resolveScopes } from '../../../../src/core/scope/resolve.ts';
import { createResources } from '../../../../src/core/scope/resources.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

const CUSTOM = { group: 'example.com', namespaced: false, subresources: [] };
const resources = createResources([
  { ...CUSTOM, resource: 'list' },
  { ...CUSTOM, resource: 'namespaces' },
]);

function notes(text: string): readonly string[] {
  return resolveScopes(parseScopes(text).scopes, 'shop', resources).notes.map(({ message }) => message);
}

describe('a word that is no verb', () => {
  it.each([
    ['read', 'get,list,watch'],
    ['view', 'get,list,watch'],
    ['View', 'get,list,watch'],
    ['describe', 'get'],
    ['show', 'get'],
    ['find', 'list'],
    ['write', 'create,update,patch,delete'],
    ['edit', 'update,patch'],
    ['modify', 'update,patch'],
    ['add', 'create'],
    ['post', 'create'],
    ['put', 'update'],
    ['apply', 'create,get,patch'],
    ['remove', 'delete'],
    ['all', '*'],
    ['bnd', 'bind'],
    ['escalte', 'escalate'],
    ['impersonat', 'impersonate'],
    ['aprove', 'approve'],
    ['sgin', 'sign'],
    ['atest', 'attest'],
    ['usee', 'use'],
    ['prxy', 'proxy'],
    ['deletecolection', 'deletecollection'],
  ])('%s is taken for %s', (verb, meant) => {
    expect(notes(`${verb} pods`)).toEqual([
      `\`${verb}\` is no verb of the API server; did you mean \`${meant}\`?`,
    ]);
  });

  it.each([
    ['read', 'get'],
    ['list', 'get'],
    ['Watch', 'get'],
    ['create', 'post'],
    ['update', 'put'],
    ['optoins', 'options'],
    ['haed', 'head'],
  ])('on a URL: %s is taken for %s', (verb, meant) => {
    expect(notes(`${verb} /metrics`)).toEqual([
      `\`${verb}\` is no verb of a URL, which is asked for by HTTP method in lower case; did you mean \`${meant}\`?`,
    ]);
  });

  it.each(['pods', '/metrics'])('is looked for among the first twenty on %s', (what) => {
    const scopes = (count: number) =>
      parseScopes(`${[...Array<string>(count).fill('get'), 'read'].join(',')} ${what}`).scopes;
    const [first, last] = [scopes(19), scopes(20)].map(([parsed]) => parsed?.scope);

    expect(first && [...notesOn(first, resources)]).toHaveLength(1);
    expect(last && [...notesOn(last, resources)]).toEqual([]);
  });
});

describe('the wrong way round', () => {
  it.each([
    ['pods,secrets get', ['the verbs come first; did you mean `get pods`?']],
    ['pods,frobs get', ['`get` is not a known resource']],
    ['frobnicate get', ['`get` is not a known resource']],
    ['pods frobnicators', ['`frobnicators` is not a known resource']],
    ['pods list.example.com', []],
  ])('%s', (text, want) => {
    expect(notes(text)).toEqual(want);
  });
});

it('says nothing of the order of words where there is no verb', () => {
  const [parsed] = parseScopes('pods get').scopes;

  expect(parsed && [...notesOn({ ...parsed.scope, verbs: [] } as Scope, resources)]).toEqual([
    '`get` is not a known resource',
  ]);
});

describe('places', () => {
  it('are noted when one of several names is authorized elsewhere', () => {
    expect(notes('get namespaces named shop,web in shop')).toEqual([
      '`namespaces` is authorized in the namespace that `named` names, not in `shop`',
    ]);
  });

  it('are of a Namespace object only in the core group', () => {
    const { scopes } = resolveScopes(
      parseScopes('get namespaces.example.com named a').scopes,
      'shop',
      resources,
    );

    expect(scopes.map(printScope)).toEqual(['get namespaces.example.com named a everywhere']);
  });
});

describe('many notes', () => {
  const lines = (count: number, line: string) => Array.from({ length: count }, () => line);

  it('end with the one that says so, whatever else is to be said of that line', () => {
    expect(notes([...lines(20, 'get svc'), 'read svc'].join('\n'))).toHaveLength(21);
    expect(notes([...lines(20, 'get svc'), 'read svc', 'get svc'].join('\n')).at(-1)).toBe(
      'further notes are left out',
    );
  });

  it('are looked for in the first two hundred lines', () => {
    expect(notes([...lines(199, 'get pods'), 'get svc'].join('\n'))).toHaveLength(1);
    expect(notes([...lines(200, 'get pods'), 'get svc'].join('\n'))).toEqual([]);
  });
});
