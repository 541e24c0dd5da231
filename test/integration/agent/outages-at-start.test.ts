import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { jwt } from '../../support/agent.ts';
import { type Ended, newPod, type Pod } from '../../support/agent-process.ts';
import { answer } from '../../support/fake-vault.ts';
import {
  type Outage,
  outages,
  secret,
  startTroubledVault,
  type TroubledVault,
} from '../../support/outages.ts';

const impatient = { COUNTERSIGN_GIVE_UP_SECONDS: '1' };
const login = 'auth/kubernetes/login';

async function start({ onTestFinished }: TestContext): Promise<{ pod: Pod; troubled: TroubledVault }> {
  const pod = await newPod(jwt);
  onTestFinished(() => pod.remove());
  const troubled = await startTroubledVault();
  onTestFinished(() => troubled.stop());
  return { pod, troubled };
}

/** The cause, as the agent says it of one call. */
function causeOf({ cause }: Outage, { vault }: TroubledVault, call: string): string {
  const port = vault.address.replace('http://', '');
  return cause
    .replace('ADDRESS', vault.address)
    .replace('CALL', call)
    .replace(/ECONNREFUSED$/, `ECONNREFUSED ${port}`);
}

function unsaid({ stdout, stderr, termination }: Ended): void {
  expect(stdout + stderr + termination).not.toMatch(secret);
  expect(stderr).toBe(termination === '' ? '' : `${termination}\n`);
}

async function written({ filesDir, envFile }: Pod): Promise<readonly string[]> {
  const entries = await Promise.all([readdir(filesDir), readdir(dirname(envFile))]);
  return entries.flat();
}

const contents = ({ filesDir, envFile }: Pod) =>
  Promise.all(
    ['db', 'kv', 'token']
      .map((file) => join(filesDir, file))
      .concat(envFile)
      .map((path) => readFile(path, 'utf8')),
  );

describe.each(outages.map((outage) => [outage.name, outage] as const))(
  'a pod that starts while Vault %s',
  { timeout: 90_000, concurrent: true },
  (_, outage) => {
    it('ends with a code and one line that names the annotation, and nothing is written', async (context) => {
      const { expect } = context;
      const { pod, troubled } = await start(context);
      await troubled.begin(outage);

      const ended = await pod.run(troubled.config, impatient);

      unsaid(ended);
      expect(ended.code).toBe(outage.refusal ? 11 : 12);
      const cause = causeOf(outage, troubled, 'the login at auth/kubernetes as role shop_api');
      const sent = outage.refusal ? ' (the token sent: app, no audience, no expiry)' : '';
      expect(ended.termination.replace(/\d+ s/, 'N s')).toBe(
        `countersign gave up after N s: countersign.dev/vault-role: ${cause}${sent}`,
      );
      expect(await written(pod)).toEqual([]);
      expect(await readdir(dirname(pod.stateFile))).toEqual([]);
      expect(troubled.vault.asked).toEqual(troubled.asked(login));
      expect(troubled.elsewhere.connections()).toBe(0);
    });

    it('has what it asked for, by one login, when that is over before it gives up', async (context) => {
      const { expect } = context;
      const { pod, troubled } = await start(context);
      await troubled.begin(outage);
      const { said, ended } = pod.start(troubled.config);
      await expect.poll(said, { timeout: 30_000 }).toContain('trying again');

      await troubled.mend();
      const result = await ended;

      unsaid(result);
      expect(result).toMatchObject({ code: 0, termination: '' });
      expect(troubled.tokens).toHaveLength(1);
      expect(await contents(pod)).toEqual(['value-1', 'value-1', troubled.tokens[0], "WORD='value-1'\n"]);
      expect(troubled.elsewhere.connections()).toBe(0);
    });

    it('with its secrets alone ends with a line of each, and goes on later with the token that it has', async (context) => {
      const { expect } = context;
      const { pod, troubled } = await start(context);
      const isSecret = (url: string) => url.startsWith('/v1/database/') || url.startsWith('/v1/kv/');
      // Behind a login that worked, nobody listening is a connection that ends.
      const behind =
        outage.behaviour === 'down'
          ? { ...outage, cause: 'vault at ADDRESS: socket hang up', behaviour: { kind: 'hang-up' } as const }
          : outage;
      await troubled.begin(behind, ({ url }) => isSecret(url));

      const first = await pod.run(troubled.config, impatient);

      unsaid(first);
      expect(first.code).toBe(outage.refusal ? 13 : 12);
      const causes = [
        ['db', 'database/creds/x'],
        ['kv', 'kv/x'],
      ].map(
        ([name, path]) => `countersign.dev/credential.${name}: ${causeOf(behind, troubled, `read ${path}`)}`,
      );
      expect(first.termination.replace(/\d+ s/, 'N s')).toBe(
        `countersign gave up after N s: ${causes.join('; ')}`,
      );
      expect(await written(pod)).toEqual([]);
      // A policy added to the role counts from the next login on: a token that was refused is given back.
      expect(troubled.asked('auth/token/revoke-self')).toHaveLength(outage.refusal ? 1 : 0);

      await troubled.mend();
      const second = await pod.run(troubled.config);

      unsaid(second);
      expect(second).toMatchObject({ code: 0, termination: '' });
      expect(troubled.tokens).toHaveLength(outage.refusal ? 2 : 1);
      expect(await contents(pod)).toEqual([
        `value-${troubled.tokens.length}`,
        `value-${troubled.tokens.length}`,
        troubled.tokens.at(-1),
        `WORD='value-${troubled.tokens.length}'\n`,
      ]);
      expect(troubled.elsewhere.connections()).toBe(0);
    });
  },
);

it('a slow Vault is waited for, and asked once', async (context) => {
  const { expect } = context;
  const { pod, troubled } = await start(context);
  const auth = { client_token: 'hvs.slow', lease_duration: 60 };
  const behaviour = { kind: 'slow', milliseconds: 3000, answer: answer({ auth }) } as const;
  await troubled.begin({ name: 'is slow', refusal: false, cause: '', behaviour }, ({ url }) =>
    url.endsWith('/login'),
  );

  const ended = await pod.run(troubled.config);

  unsaid(ended);
  expect(ended).toMatchObject({ code: 0, termination: '' });
  expect(ended.stdout).not.toContain('trying again');
  expect(troubled.asked(login)).toHaveLength(1);
});
