import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../../src/core/inject/agent-config.ts';
import { CONFIG_VARIABLE, INIT_CONTAINER } from '../../../src/core/inject/names.ts';
import { listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { newPod } from '../../support/agent-process.ts';
import { type FakeRabbitMq, startFakeRabbitMq } from '../../support/fake-rabbitmq.ts';
import { startFakeVault } from '../../support/fake-vault.ts';
import { nameOf, type PageExample, readInjectionPage, rowsOf } from '../../support/injection-page.ts';
import { admit, podOfWorkload, settingsOfPage } from '../../support/injection-page-admission.ts';
import { answers, identities } from '../../support/injection-page-answers.ts';
import { followPage, leaseUsers } from '../../support/injection-page-vault.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

/** What docs/injection.md asks Vault for can be had, and where it can't, the agent says what the page says. */

const page = await readInjectionPage();
const settings = await settingsOfPage(page.config);
const examples = page.examples
  .filter(({ refused }) => !refused)
  .map((example) => [example.title, example] as const);

let bao: OpenBao;
let rabbit: FakeRabbitMq;
let jwt: JwtMount;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  rabbit = await startFakeRabbitMq();
  jwt = await enableJwt(bao);
  await jwt.role('cart', { policies: ['cart'] });
  await followPage(bao, page);
  await leaseUsers(bao, rabbit.address);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(async () => {
  await bao?.stop();
  await rabbit?.stop();
});

/** What the pod's init container is told. */
async function configOf(example: PageExample): Promise<AgentConfig> {
  const { object } = await admit(settings, example, 'inject', podOfWorkload(example.workload));
  const init = listOf(objectOf(object['spec'])['initContainers'])
    .map(objectOf)
    .find(({ name }) => name === INIT_CONTAINER);
  const [entry] = listOf(init?.['env'])
    .map(objectOf)
    .filter(({ name }) => name === CONFIG_VARIABLE);
  return JSON.parse(textOf(entry?.['value']) ?? '') as AgentConfig;
}

async function named(name: string): Promise<AgentConfig> {
  const example = page.examples.find(({ refused, workload }) => !refused && nameOf(workload) === name);
  if (example === undefined) throw new Error(`no example ${name}`);
  return configOf(example);
}

/** At a mount of the jwt method, since no API server is there to ask about tokens. */
async function runAtOpenBao(config: AgentConfig) {
  const { address, ca } = bao;
  const pod = await newPod(await jwt.sign());
  ends.push(() => pod.remove());
  const vault = {
    ...config.vault,
    address,
    authMount: 'jwt',
    authMethod: 'jwt',
    ...(ca !== undefined && { ca }),
  } as const;
  return pod.run({ ...config, vault }, { COUNTERSIGN_GIVE_UP_SECONDS: '1' });
}

describe('the page about injection', () => {
  it.each(examples)('does in Vault what the pod of %s needs', async (_, example) => {
    expect(await runAtOpenBao(await configOf(example))).toMatchObject({
      code: 0,
      stderr: '',
      termination: '',
    });
  });
});

const rows = rowsOf(page, '## 11. What if Vault is down?').map(
  ([what = '', code = '', message = '']) => [what, Number(code), message.slice(1, -1)] as const,
);

async function said(what: string) {
  const changed = identities[what];
  if (changed !== undefined) {
    const config = await named('cart-identity');
    return runAtOpenBao({ ...config, identities: config.identities.map((one) => ({ ...one, ...changed })) });
  }
  const [name, behave] = answers[what] ?? [];
  if (name === undefined) throw new Error(`nothing is known of: ${what}`);
  const vault = await startFakeVault((asked) => behave?.(asked.url) ?? { kind: 'hang-up' });
  ends.push(() => vault.stop());
  if (behave === undefined) await vault.stop();
  const config = await named(name);
  const subject = {
    sub: 'system:serviceaccount:shop:cart',
    aud: ['vault'],
    exp: Math.floor(Date.now() / 1000) + 3600,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const pod = await newPod(`${part({ alg: 'none' })}.${part(subject)}.c2ln`);
  ends.push(() => pod.remove());
  const { code, termination } = await pod.run(
    { ...config, vault: { ...config.vault, address: vault.address } },
    { COUNTERSIGN_GIVE_UP_SECONDS: '1' },
  );
  return {
    code,
    termination: termination
      .replaceAll(vault.address, config.vault.address)
      .replaceAll(/127\.0\.0\.1:\d+/gu, '10.0.0.7:8200'),
  };
}

describe('its table of messages', () => {
  it('has one for everything that is tried here', () => {
    expect(rows.map(([what]) => what)).toEqual([...Object.keys(answers), ...Object.keys(identities)]);
  });

  it.each(rows)('says what the agent says: %s, code %i', async (what, code, message) => {
    const ended = await said(what);
    const spoken = ended.termination
      .replace(/^countersign gave up after \d+ s: /u, '')
      .replace(/valid for \d+ s/u, 'valid for 3590 s');

    expect({ code: ended.code, spoken }).toEqual({ code, spoken: message });
  });
});
