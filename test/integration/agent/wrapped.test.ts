import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AgentConfig, AgentIssuance } from '../../../src/core/inject/agent-config.ts';
import { creationPath } from '../../../src/core/inject/issuance.ts';
import { objectOf, textOf } from '../../../src/core/json.ts';
import { furnish, kv, role, secondsLeft, sidecarConfig } from '../../support/agent-openbao.ts';
import { newPod, type Pod } from '../../support/agent-process.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

const TOKEN_ROLE = 'wrapped_shop_api';
const PATH = creationPath(TOKEN_ROLE);

let bao: OpenBao;
let mount: JwtMount;
let pods: Pod[] = [];

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  mount = await enableJwt(bao);
  await furnish(bao);
  await role(bao, 'app', '10m', '1h');
  await bao.call('POST', `auth/token/roles/${TOKEN_ROLE}`, {
    allowed_policies: 'shop',
    orphan: true,
    renewable: true,
    token_explicit_max_ttl: '20m',
  });
});
afterAll(() => bao?.stop());
afterEach(() => Promise.all(pods.splice(0).map((pod) => pod.remove())));

interface Wrapped {
  readonly wrappingToken: string;
  readonly accessor: string;
  readonly issuance: AgentIssuance;
}

/** As the webhook does it. */
async function mint(
  wrapSeconds = 60,
  fallback: AgentIssuance['fallback'] = 'login',
  path = PATH,
): Promise<Wrapped> {
  const body = { ttl: `${wrapSeconds + 60}s`, renewable: true };
  const answer = await bao.call('POST', path, body, { 'X-Vault-Wrap-TTL': `${wrapSeconds}s` });
  const info = objectOf(answer['wrap_info']);
  const expiresAtSeconds = Math.floor(Date.now() / 1000) + wrapSeconds;
  return {
    wrappingToken: textOf(info['token']) ?? '',
    accessor: textOf(info['wrapped_accessor']) ?? '',
    issuance: { kind: 'wrapped', creationPath: PATH, expiresAtSeconds, fallback },
  };
}

function configOf(issuance: AgentIssuance): AgentConfig {
  return sidecarConfig(bao, 'app', {
    issuance,
    credentials: [kv],
    files: [{ file: 'kv.json', content: { kind: 'all', credential: 'kv' } }],
  });
}

async function startPod({ wrappingToken, issuance }: Wrapped) {
  const pod = await newPod(await mount.sign());
  pods = [...pods, pod];
  const config = configOf(issuance);
  const env = { COUNTERSIGN_WRAPPING_TOKEN: wrappingToken };
  return {
    pod,
    config,
    init: () => pod.run(config, env),
    token: () => readFile(join(pod.filesDir, 'token'), 'utf8'),
  };
}

async function steal({ wrappingToken }: Wrapped): Promise<string> {
  const answer = await bao.call('POST', 'sys/wrapping/unwrap', { token: wrappingToken });
  return textOf(objectOf(answer['auth'])['client_token']) ?? '';
}

async function accessorOf(token: string): Promise<unknown> {
  const { data } = await bao.call('POST', 'auth/token/lookup', { token });
  return objectOf(data)['accessor'];
}

describe('an agent that is given a wrapped token', () => {
  it('takes it, has it renewed to what its role allows, and reads with it', async () => {
    const wrapped = await mint();
    const { pod, init, token } = await startPod(wrapped);

    expect(await init()).toMatchObject({ code: 0, termination: '' });

    expect(JSON.parse(await readFile(join(pod.filesDir, 'kv.json'), 'utf8'))).toMatchObject({
      word: 'first-word',
    });
    expect(await accessorOf(await token())).toBe(wrapped.accessor);
    // 120 s were all that it had when it was made; its role allows 20 minutes.
    expect(await secondsLeft(bao, await token())).toBeGreaterThan(900);
  });

  it('does not take it again when the container starts again', async () => {
    const { init, token } = await startPod(await mint());
    await init();
    const first = await token();

    const again = await init();

    expect(again.code).toBe(0);
    expect(again.stdout).toContain('going on with the token of an earlier run');
    expect(await token()).toBe(first);
  });

  it('logs in, and raises no alarm, when the state is lost but for its mark', async () => {
    const wrapped = await mint();
    const { pod, init, token } = await startPod(wrapped);
    await init();
    await rm(pod.stateFile);

    expect(await init()).toMatchObject({ code: 0, termination: '' });
    expect(await accessorOf(await token())).not.toBe(wrapped.accessor);
  });

  it('leaves it to a sidecar, which renews it and revokes it in the end', async () => {
    const { pod, config, init, token } = await startPod(await mint());
    await init();
    const held = await token();
    const sidecar = pod.sidecar(config);
    await bao.call('POST', 'secret/data/shop/kv', { data: { word: 'second-word' } });
    const file = () => readFile(join(pod.filesDir, 'kv.json'), 'utf8');
    await expect.poll(file, { timeout: 15_000 }).toContain('second-word');

    sidecar.child.kill('SIGTERM');

    expect((await sidecar.ended).code).toBe(0);
    expect(await secondsLeft(bao, held)).toBeUndefined();
  });

  it('tells of nothing secret', async () => {
    const wrapped = await mint();
    const { init, token } = await startPod(wrapped);
    const { stdout, stderr, termination } = await init();

    for (const secret of [wrapped.wrappingToken, wrapped.accessor, await token()]) {
      expect(`${stdout}${stderr}${termination}`).not.toContain(secret);
    }
  });
});

describe('a wrapping token that somebody else has had', () => {
  it('is an alarm, after which nothing is there and nothing is tried', async () => {
    const wrapped = await mint();
    const stolen = await steal(wrapped);
    const { pod, init } = await startPod(wrapped);

    const ended = await init();

    expect(ended.code).toBe(16);
    expect(ended.termination).toBe(
      'countersign-alarm: UnwrappedByAnother: the wrapping token of this pod was used by somebody else',
    );
    expect(await readdir(pod.filesDir)).toEqual([]);
    expect(await readFile(pod.stateFile, 'utf8').catch(() => 'absent')).toBe('absent');
    // The thief has it until the leader hears of the alarm.
    expect(await secondsLeft(bao, stolen)).toBeGreaterThan(0);
    expect((await init()).code).toBe(16);
  });

  it('and that was put in the place of another is an alarm, and is not used', async () => {
    const other = await bao.call(
      'POST',
      'sys/wrapping/wrap',
      { token: 'evil' },
      { 'X-Vault-Wrap-TTL': '60s' },
    );
    const wrappingToken = textOf(objectOf(other['wrap_info'])['token']) ?? '';
    const { init } = await startPod({ ...(await mint()), wrappingToken });

    expect(await init()).toMatchObject({
      code: 16,
      termination: expect.stringMatching(/^countersign-alarm: CreatedElsewhere: /u),
    });
    expect(await bao.call('POST', 'sys/wrapping/unwrap', { token: wrappingToken })).toMatchObject({
      data: { token: 'evil' },
    });
  });
});

describe('a wrapping token that has ended', () => {
  async function ended(fallback: AgentIssuance['fallback']): Promise<Wrapped> {
    const wrapped = await mint(1, fallback);
    const gone = async () => {
      const asked = bao.call('POST', 'sys/wrapping/lookup', { token: wrapped.wrappingToken });
      return asked.then(
        () => false,
        () => true,
      );
    };
    await expect.poll(gone, { timeout: 10_000 }).toBe(true);
    return wrapped;
  }

  it('means a login, without an alarm', async () => {
    const wrapped = await ended('login');
    const { init, token } = await startPod(wrapped);

    expect(await init()).toMatchObject({ code: 0, termination: '' });
    expect(await accessorOf(await token())).not.toBe(wrapped.accessor);
  });

  it('is a clear failure where no login is allowed', async () => {
    const { pod, config } = await startPod(await ended('none'));
    const { code, termination } = await pod.run(config, { COUNTERSIGN_GIVE_UP_SECONDS: '1' });

    expect(code).toBe(11);
    expect(termination).toContain('it may not log in');
  });
});
