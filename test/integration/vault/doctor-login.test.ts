import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf } from '../../../src/core/json.ts';
import type { Surroundings } from '../../../src/doctor/check.ts';
import { vault } from '../../../src/doctor/vault.ts';
import { withFiles } from '../../support/cli.ts';
import { JUDGING, lines, withoutFix } from '../../support/doctor.ts';
import { type OpenBao, startOpenBao } from '../../support/openbao.ts';
import { enableJwt, type JwtMount } from '../../support/openbao-jwt.ts';

/** The doctor's login at a real OpenBao, as it is in the pod, where the token is. */

let bao: OpenBao;
let jwt: JwtMount;
beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  jwt = await enableJwt(bao);
  await jwt.role('countersign', { policies: ['default'] });
});
afterAll(() => bao?.stop());

interface Tried {
  /** What the token is for; absent: there is no token. */
  readonly audience?: string;
  readonly facts?: object;
  readonly connection?: object;
}

/** What the doctor says of a connection with these keys. */
async function said({ audience, facts = {}, connection = {} }: Tried) {
  return withFiles({}, async (dir) => {
    const tokenFile = join(dir, 'token');
    if (audience !== undefined) await writeFile(tokenFile, `${await jwt.sign(audience)}\n`);
    const { address, ca } = bao;
    const entry = { address, ca, facts: { role: 'countersign', authMount: 'jwt', tokenFile, ...facts } };
    const text = JSON.stringify({ vaults: { default: { ...entry, ...connection } } });
    const surroundings = {
      inCluster: true,
      configText: async () => ({ from: 'config.yaml', local: true, text }),
    };
    return vault.judge(await vault.ask(surroundings as unknown as Surroundings), JUDGING);
  });
}

async function tokens(): Promise<number> {
  const { data } = objectOf(await bao.call('LIST', 'auth/token/accessors'));
  return listOf(objectOf(data)['keys']).length;
}

describe('the doctor at a Vault', () => {
  it.each<[string, Tried, string]>([
    ['is let in by its role', { audience: 'vault' }, 'ok .* is unsealed and active, and lets us in'],
    [
      'is let in where the connection says the mount',
      { audience: 'vault', facts: { authMount: undefined }, connection: { authMount: 'jwt' } },
      'ok .* is unsealed and active, and lets us in',
    ],
    ['tries no login without a token', {}, 'ok .* is unsealed and active$'],
    [
      'says that its role is not there',
      { audience: 'vault', facts: { role: 'nobody' } },
      'fail .*, and refuses our login: .*nobody',
    ],
    [
      'says that its token is for another',
      { audience: 'somebody-else' },
      'fail .*, and refuses our login: .*audience',
    ],
    [
      'says that its mount is another',
      { audience: 'vault', facts: { authMount: 'nowhere' } },
      'fail .*, and refuses our login: ',
    ],
    [
      'says that it is not trusted',
      { audience: 'vault', connection: { ca: undefined } },
      'fail .* cannot be reached from here: .*certificate',
    ],
  ])('%s', async (_, tried, line) => {
    const findings = await said(tried);

    expect(lines(findings)).toEqual([expect.stringMatching(new RegExp(`^${line}`, 'u'))]);
    expect(withoutFix(findings)).toEqual([]);
  });

  it('gives back the token that it is given', async () => {
    const before = await tokens();

    await said({ audience: 'vault' });

    expect(before).toBeGreaterThan(0);
    expect(await tokens()).toBe(before);
  });
});
