/** Init, on a clock of its own, at a server that answers one of its calls with 200 and something of the test's. */
import { readdir, readFile } from 'node:fs/promises';
import { runInit } from '../../src/agent/run.ts';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { objectOf, textOf } from '../../src/core/json.ts';
import { createVaultClient } from '../../src/vault/client.ts';
import { agentConfig, credential, testHost } from './agent.ts';
import { answer, type Behaviour, type FakeVault, startFakeVault } from './fake-vault.ts';

/** The call that is answered so; the others are answered well. */
export type Call = 'login' | 'read' | 'write' | 'identity' | 'keys';

export interface Outcome {
  readonly code: number;
  /** The lines of the termination message. */
  readonly reported: readonly string[];
  /** Everything in the folders of files and variables. */
  readonly written: readonly string[];
  /** The token that is kept for the next run. */
  readonly token: string | undefined;
  readonly printed: string;
}

export interface NonsenseVault {
  run(call: Call, body: Buffer | string): Promise<Outcome>;
  stop(): Promise<void>;
}

export const goodToken = 'hvs.good-token-of-the-workload-0123456789';

const paths: Readonly<Record<Call, string>> = {
  login: '/v1/auth/kubernetes/login',
  read: '/v1/secret/db',
  write: '/v1/pki/issue/x',
  identity: '/v1/identity/oidc/token/shop',
  keys: '/v1/identity/oidc/.well-known/keys',
};
const value = { kind: 'field', credential: 'db', field: 'word', base64: false } as const;

function configAt(address: string, call: Call): AgentConfig {
  const plain = agentConfig();
  const identity = call === 'identity' || call === 'keys';
  return agentConfig({
    vault: { ...plain.vault, address },
    credentials: [
      credential('db'),
      ...(call === 'write'
        ? [credential('tls', { operation: 'write', path: 'pki/issue/x', parameters: { common_name: 'api' } })]
        : []),
    ],
    env: [{ variable: 'WORD', value }],
    identities: identity ? [{ file: 'id.jwt', role: 'shop', audience: 'billing', scopes: [] }] : [],
    token: true,
  });
}

function works(url: string): Behaviour {
  if (url === paths.login) return answer({ auth: { client_token: goodToken, lease_duration: 3600 } });
  if (url === paths.identity) return answer({ data: { token: 'eyJhbGciOiJub25lIn0.e30.x' } });
  return answer({ data: { word: 'good-word' } });
}

export async function startNonsenseVault(): Promise<NonsenseVault> {
  let nonsense: { readonly path: string; readonly body: Buffer | string } = { path: '', body: '' };
  const vault: FakeVault = await startFakeVault(({ url }) =>
    url === nonsense.path ? { kind: 'text', status: 200, body: nonsense.body } : works(url),
  );
  return {
    async run(call, body) {
      nonsense = { path: paths[call], body };
      const host = await testHost(configAt(vault.address, call));
      // A no is doubted for seconds, and so is nonsense: nothing here is served by that.
      host.env['COUNTERSIGN_GIVE_UP_SECONDS'] = '1';
      try {
        const code = await runInit(host, (endpoint) => createVaultClient(endpoint, { readAttempts: 1 }));
        const { filesDir, envDir, stateDir } = host.places;
        const folders = await Promise.all([readdir(filesDir), readdir(envDir)]);
        const state = await readFile(`${stateDir}/state.json`, 'utf8').catch(() => '{}');
        const token = textOf(objectOf(objectOf(JSON.parse(state))['session'])['token']);
        return {
          code,
          reported: host.reported,
          written: folders.flat(),
          token,
          printed: host.printed.join('\n'),
        };
      } finally {
        await host.remove();
      }
    },
    stop: () => vault.stop(),
  };
}
