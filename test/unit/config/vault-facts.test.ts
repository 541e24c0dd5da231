import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadedConfig, readConfig } from '../../../src/config/load.ts';
import { describeProblem } from '../../../src/config/problem.ts';
import { vaultFactsSettings } from '../../../src/config/vault-facts.ts';
import { temporaryFolder } from '../../support/tls.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder.path, name);

beforeAll(() => {
  writeFileSync(file('token'), 'a.b.c');
  writeFileSync(file('key'), 'n'.repeat(32));
});
afterAll(() => folder[Symbol.dispose]());

function load(vaults: string): LoadedConfig {
  const text = `webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: door } }
injection: { image: "ghcr.io/countersign:1", keyFile: key }
vaults:
${vaults}`;
  return readConfig(text, file('countersign.yaml'));
}

function settings(vaults: string) {
  const loaded = load(vaults);
  if (!loaded.ok) throw new Error(loaded.problems.map(describeProblem).join('\n'));
  return vaultFactsSettings(loaded.config);
}

describe('connections of which facts are read', () => {
  it('are those that say how to log in', () => {
    const found =
      settings(`  default: { address: "https://vault:8200", facts: { role: countersign, tokenFile: token } }
  quiet: { address: "https://quiet:8200" }
  far:
    address: https://far:8200
    authMount: team/k8s
    authMethod: jwt
    namespace: team
    facts: { role: cs, authMount: own, tokenFile: token, refreshSeconds: 60 }
`);
    expect(found).toMatchObject([
      {
        connection: { name: 'default', authMount: 'kubernetes', authMethod: 'kubernetes', audience: 'vault' },
        loginMount: 'kubernetes',
        role: 'countersign',
        tokenFile: file('token'),
        refreshSeconds: 300,
      },
      {
        connection: { name: 'far', authMount: 'team/k8s', authMethod: 'jwt', namespace: 'team' },
        loginMount: 'own',
        role: 'cs',
        refreshSeconds: 60,
      },
    ]);
  });

  it('are refused with every mistake at once', () => {
    const loaded = load(
      '  default: { address: "https://v", facts: { tokenFile: none, refreshSeconds: 1, mount: x } }',
    );
    const said = loaded.ok
      ? []
      : loaded.problems.map(describeProblem).map((line) => line.replace(/^.*?: /, ''));
    expect(said.toSorted()).toEqual([
      'vaults.default.facts.mount: unknown key; expected one of role, authMount, tokenFile, refreshSeconds',
      'vaults.default.facts.refreshSeconds: expected 10 or more',
      'vaults.default.facts.role: is missing',
      'vaults.default.facts.tokenFile: cannot be read (ENOENT)',
    ]);
  });
});
