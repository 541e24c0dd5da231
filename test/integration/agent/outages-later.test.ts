import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'vitest';
import { jwt } from '../../support/agent.ts';
import { newPod, type Pod, type Started } from '../../support/agent-process.ts';
import { type Asked, answer } from '../../support/fake-vault.ts';
import { type Outage, outages, secret, startTroubledVault, tokenOf } from '../../support/outages.ts';

/** Of the first token and the first lease: both end in the outage. */
const firstSeconds = 3;
const patience = { timeout: 45_000, interval: 50 };

/** A pod whose init has run, and whose sidecar is started after that. */
async function start({ expect, onTestFinished }: TestContext, seconds?: number) {
  const pod = await newPod(jwt);
  onTestFinished(() => pod.remove());
  const troubled = await startTroubledVault(seconds);
  onTestFinished(() => troubled.stop());
  expect(await pod.run(troubled.config)).toMatchObject({ code: 0, termination: '' });
  const begin = async (outage: Outage, hits?: (asked: Asked) => boolean): Promise<Started> => {
    await troubled.begin(outage, hits);
    const sidecar = pod.sidecar(troubled.config);
    onTestFinished(async () => {
      sidecar.child.kill('SIGKILL');
      await sidecar.ended;
    });
    return sidecar;
  };
  return { pod, troubled, begin };
}

const contents = ({ filesDir, envFile }: Pod) =>
  Promise.all(
    ['db', 'kv', 'token']
      .map((file) => join(filesDir, file))
      .concat(envFile)
      .map((path) => readFile(path, 'utf8')),
  );

const ofToken = (number: number) => [
  `value-${number}`,
  `value-${number}`,
  tokenOf(number),
  `WORD='value-${number}'\n`,
];

describe.each(outages.map((outage) => [outage.name, outage] as const))(
  'a pod that runs while Vault %s',
  { timeout: 120_000, concurrent: true },
  (_, outage) => {
    it('keeps what it has beyond its end, and has another of everything by one login when that is over', async (context) => {
      const { expect } = context;
      const { pod, troubled, begin } = await start(context, firstSeconds);
      const { child, said, ended } = await begin(outage);
      const ends = troubled.firstEndsAt();

      await expect.poll(said, patience).toContain('trying again');
      await expect.poll(Date.now, patience).toBeGreaterThan(ends);
      expect(child.exitCode).toBeNull();
      expect(await contents(pod)).toEqual(ofToken(1));
      await troubled.mend();

      await expect.poll(() => contents(pod), patience).toEqual(ofToken(2));
      child.kill('SIGTERM');
      const { code, stdout, stderr, termination } = await ended;
      expect({ code, stderr, termination }).toEqual({ code: 0, stderr: '', termination: '' });
      expect(stdout).not.toMatch(secret);
      expect(troubled.tokens).toHaveLength(2);
      expect(troubled.elsewhere.connections()).toBe(0);
    });

    it('costs no login when that is over before anything ends', async (context) => {
      const { expect } = context;
      const { pod, troubled, begin } = await start(context);
      troubled.write('value-9');
      // A no is one to the secret: the token is as good as before.
      const { child, said, ended } = await begin(outage, ({ url }) => !url.endsWith('/lookup-self'));
      const value = () => readFile(join(pod.filesDir, 'kv'), 'utf8');

      await expect.poll(said, patience).toContain('trying again');
      expect(await contents(pod)).toEqual(ofToken(1));
      await troubled.mend();

      await expect.poll(value, patience).toBe('value-9');
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0, stderr: '', termination: '' });
      expect(troubled.tokens).toEqual([tokenOf(1)]);
      expect(troubled.asked('database/creds/x')).toHaveLength(1);
    });
  },
);

it('a busy Vault is left alone as long as it asks for, by everything', async (context) => {
  const { pod, troubled, begin } = await start(context);
  const busy = answer({ errors: ['slow down'] }, 429, { 'retry-after': '3' });
  const { child, ended } = await begin({ name: 'is busy', refusal: false, cause: '', behaviour: busy });
  const reads = () => troubled.asked('kv/x').map(({ at }) => at);
  await context.expect.poll(() => reads().length, patience).toBe(2);
  await troubled.mend();
  await context.expect.poll(() => reads().length, patience).toBe(3);

  child.kill('SIGTERM');
  context.expect(await ended).toMatchObject({ code: 0 });
  const [, second = 0, third = 0] = reads();
  context.expect(third - second).toBeGreaterThanOrEqual(2950);
  context.expect(await contents(pod)).toEqual(ofToken(1));
});
