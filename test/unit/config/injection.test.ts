import { createSecretKey } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../../src/api/config.ts';
import { injectionSettings } from '../../../src/config/injection.ts';
import { readConfig } from '../../../src/config/load.ts';
import { createCa, temporaryFolder } from '../../support/tls.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder.path, name);
let pem: string;

beforeAll(async () => {
  pem = (await createCa()).pem;
  writeFileSync(file('ca.crt'), pem);
  writeFileSync(file('key'), 'n'.repeat(32));
  writeFileSync(file('old'), 'o'.repeat(48));
});
afterAll(() => folder[Symbol.dispose]());

function configOf(rest: string): Config {
  const text = `webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: door } }\n${rest}`;
  const loaded = readConfig(text, file('countersign.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const VAULTS = 'vaults: { default: { address: "https://vault:8200", caFile: ca.crt } }\n';

it('are the connections, the image and its repositories, and the keys, the current one first', () => {
  const config = configOf(`${VAULTS}injection:
  image: registry.example.com:5000/countersign:0.1.0@sha256:${'a'.repeat(64)}
  repositories: [ghcr.io/old/countersign, "registry.example.com:5000/countersign"]
  resources: { limits: { cpu: 200m } }
  env: { runtimeClasses: [gvisor] }
  keyFile: key
  previousKeyFile: old
`);
  expect(injectionSettings(config)).toEqual({
    vaults: {
      default: {
        name: 'default',
        address: 'https://vault:8200',
        authMount: 'kubernetes',
        authMethod: 'kubernetes',
        audience: 'vault',
        tokenExpirationSeconds: 3600,
        kvMounts: ['secret'],
        ca: pem,
      },
    },
    agentImage: `registry.example.com:5000/countersign:0.1.0@sha256:${'a'.repeat(64)}`,
    agentRepositories: ['registry.example.com:5000/countersign', 'ghcr.io/old/countersign'],
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi', cpu: '200m' } },
    env: { runtimeClasses: ['gvisor'] },
    runAsUser: 65_532,
    keys: [createSecretKey(Buffer.from('n'.repeat(32))), createSecretKey(Buffer.from('o'.repeat(48)))],
  });
});

it('leave the user to the platform where the configuration says null', () => {
  const config = configOf(`${VAULTS}injection: { image: countersign, keyFile: key, runAsUser: null }\n`);
  expect(injectionSettings(config)?.runAsUser).toBeUndefined();
});

it('are not there when there is no connection', () => {
  expect(injectionSettings(configOf(''))).toBeUndefined();
});

it('are an error that names the file when it has gone since', () => {
  const config = configOf(`${VAULTS}injection: { image: countersign, keyFile: key, previousKeyFile: old }\n`);
  rmSync(file('old'));
  expect(() => injectionSettings(config)).toThrow(`${file('old')}: cannot be read`);
});

it('take keys that change as they are, where they are not in files', () => {
  const text = `webhook: { caller: { mode: path } }\nkeys: {}\n${VAULTS}injection: { image: a/b:1 }\n`;
  const loaded = readConfig(text, file('countersign.yaml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const key = createSecretKey(Buffer.from('k'.repeat(32)));
  let keys = [key];
  const settings = injectionSettings(loaded.config, () => keys);
  expect(settings?.keys).toEqual([key]);
  keys = [];
  expect(settings?.keys).toEqual([]);
});
