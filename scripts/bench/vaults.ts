import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { inTurns } from '../../src/facts/vault/in-turns.ts';
import { type OpenBao, startOpenBao } from '../../test/support/openbao.ts';
import { enableJwt } from '../../test/support/openbao-jwt.ts';
import { startProgress } from '../cluster/progress.ts';
import { serverNodeFlags } from '../image/product.ts';
import type { VaultTask } from './vault.ts';
import { type Caller, createCaller } from './vault-caller.ts';
import { makeVaultRole, POLICIES, policyText, ROLES } from './vault-made.ts';
import type { VaultMeasured, VaultRun } from './vault-page.ts';
import { namespacesIn, sizeOf, type WorldSize } from './world.ts';

const CHILD = fileURLToPath(new URL('./vault.ts', import.meta.url));
const ACCOUNTS = 10_000;
const WIDTH = 16;

/** A real OpenBao full of roles and policies, and the product beside it in a process of its own. */
export async function measureVault(seconds: number): Promise<VaultRun> {
  const [load = Number.NaN] = loadavg();
  const dir = await mkdtemp(join(tmpdir(), 'countersign-vault-bench-'));
  const progress = startProgress('an OpenBao of many roles', process.stderr);
  const bao = await startOpenBao({ tls: true });
  try {
    const task = await furnish(bao, sizeOf(ACCOUNTS), join(dir, 'token'));
    progress.note('measuring');
    const measured = await inChild({ ...task, accounts: ACCOUNTS, seconds });
    progress.end('done');
    return { ...measured, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', load };
  } finally {
    await bao.stop();
    await rm(dir, { recursive: true });
  }
}

async function inChild(task: VaultTask): Promise<VaultMeasured> {
  const args = ['--expose-gc', ...serverNodeFlags, CHILD];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const answer = text(child.stdout);
  child.stdin.end(JSON.stringify(task));
  const [code] = await exited;
  if (code !== 0) throw new Error(`${CHILD} ended with ${code}`);
  const measured: VaultMeasured = JSON.parse(await answer);
  return measured;
}

type Furnished = Omit<VaultTask, 'accounts' | 'seconds'>;

/** @param tokenFile is written: by it Countersign logs in. */
async function furnish(bao: OpenBao, size: WorldSize, tokenFile: string): Promise<Furnished> {
  const address = { address: bao.address, ca: bao.ca ?? '' };
  const jwt = await enableJwt(bao);
  await writeFile(tokenFile, await jwt.sign());
  await bao.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  const caller = createCaller(address, bao.rootToken, WIDTH);
  try {
    const { data } = answerOf(await caller.call('GET', 'sys/auth/kubernetes'));
    const accessor = textOf(objectOf(data)['accessor']) ?? '';
    const makers: readonly (readonly [count: number, make: (at: number) => Written])[] = [
      [POLICIES, (at) => policy(`policy-${at}`, policyText(size, at, accessor))],
      [ROLES, (at) => authRole(size, at)],
      [namespacesIn(size), (at) => tokenRole(`team-${at}`)],
    ];
    for (const [count, make] of makers) {
      await inTurns(WIDTH, Array(count).keys(), (at) => write(caller, make(at)));
    }
    await ownRole(caller);
    return { ...address, tokenFile, plainToken: await plainToken(caller) };
  } finally {
    caller.close();
  }
}

type Written = readonly [path: string, body: object];

async function write(caller: Caller, [path, body]: Written): Promise<void> {
  await caller.call('POST', path, body);
}

function policy(name: string, content: string): Written {
  return [`sys/policies/acl/${name}`, { policy: content }];
}

function authRole(size: WorldSize, at: number): Written {
  const { name, fields } = makeVaultRole(size, at);
  return [`auth/kubernetes/role/${name}`, fields];
}

/** One a namespace, by which its pods are given tokens. */
function tokenRole(namespace: string): Written {
  const token = { orphan: true, renewable: true, token_type: 'service', token_explicit_max_ttl: '20m' };
  return [`auth/token/roles/wrapped_${namespace}`, { allowed_policies: 'policy-0', ...token }];
}

/** Countersign's own, with the policies that ship. */
async function ownRole(caller: Caller): Promise<void> {
  const files = ['countersign', 'countersign-wrapped'];
  const texts = await Promise.all(files.map((name) => readFile(`manifests/vault/${name}.hcl`, 'utf8')));
  await write(caller, policy('countersign', texts.join('\n')));
  await write(caller, [
    'auth/jwt/role/countersign',
    {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['vault'],
      token_policies: ['countersign'],
      token_no_default_policy: true,
    },
  ]);
}

/** It may read what Countersign reads, and make tokens of the same token roles that are not wrapped. */
async function plainToken(caller: Caller): Promise<string> {
  const reads = ['auth/kubernetes/role/*', 'sys/policies/acl/*'].map(
    (path) => `path "${path}" { capabilities = ["read"] }`,
  );
  const creates = 'path "auth/token/create/*" { capabilities = ["update"] }';
  await write(caller, policy('plain', [...reads, creates].join('\n')));
  const { auth } = answerOf(await caller.call('POST', 'auth/token/create', { policies: ['plain'] }));
  return textOf(objectOf(auth)['client_token']) ?? '';
}

function answerOf(answer: string): JsonObject {
  return objectOf(JSON.parse(answer));
}
