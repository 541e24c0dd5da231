/** What a policy text says, held against a real server of either product: whether it is taken, and what it then allows. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textOf, textsOf } from '../../src/core/json.ts';
import { capabilitiesAt, createAcl } from '../../src/core/vault/acl.ts';
import type { PathRule } from '../../src/core/vault/policy.ts';
import { parseVaultPolicy } from '../../src/core/vault/policy-parse.ts';
import { printVaultPolicy } from '../../src/core/vault/print.ts';
import { anyPolicyText } from './policy-mutations.ts';
import { POLICY_CASES } from './policy-texts.ts';
import { DIALECTS } from './vault-acl.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

const POLICY = 'tried';
const PATHS = [
  'a',
  'a/b',
  'a/b/',
  'a/c/b',
  'c/b',
  'path',
  'é',
  'b',
  'abcd\t"\\',
  'secret/x',
  'a/x/b/y/z',
  'a/*/b',
  '😀',
];
const MUTATIONS = 600;

export function describePolicyText(product: Product): void {
  let server: VaultServer;
  let token = '';

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: false });
    const created = await server.call('POST', 'auth/token/create-orphan', {
      policies: [POLICY],
      no_default_policy: true,
    });
    token = textOf(objectOf(created['auth'])['client_token']) ?? '';
  });

  afterAll(() => server?.stop());

  /** Where the parser of the server itself breaks down, it hangs up. */
  async function isTaken(text: string): Promise<boolean> {
    try {
      await server.call('PUT', `sys/policies/acl/${POLICY}`, { policy: text });
      return true;
    } catch (error) {
      if (/: 400 |socket hang up/u.test(String(error))) return false;
      throw error;
    }
  }

  async function allowed(paths: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
    const data = objectOf((await server.call('POST', 'sys/capabilities', { token, paths }))['data']);
    return Object.fromEntries(paths.map((path) => [path, textsOf(data[path]).toSorted()]));
  }

  async function expectSameMeaning(rules: readonly PathRule[]): Promise<void> {
    // A template of nobody's: the server leaves the rule out.
    const policy = { name: POLICY, rules: rules.filter(({ path }) => !path.includes('{{')) };
    const acl = createAcl([policy], DIALECTS[product]);
    const paths = [
      ...new Set([...PATHS, ...policy.rules.map(({ path }) => path.replace(/\*$/u, 'x'))]),
    ].filter((path) => path !== '' && !path.startsWith('/'));
    const ours = Object.fromEntries(paths.map((path) => [path, capabilitiesAt(acl, path)]));
    expect(await allowed(paths)).toEqual(ours);
  }

  describe(`a policy text that ${product} is sent`, () => {
    it.each(POLICY_CASES)('is taken or refused as here: $name', async ({ text, takenBy, ours }) => {
      const taken = takenBy.includes(product);
      expect(await isTaken(text)).toBe(taken);
      const { rules, problems } = parseVaultPolicy(text);
      expect(problems.length === 0).toBe(ours);
      if (taken && ours) await expectSameMeaning(rules);
    });

    it('means the same when it is printed anew', async () => {
      for (const { text, takenBy, ours } of POLICY_CASES) {
        const { rules } = parseVaultPolicy(text);
        if (!ours || !takenBy.includes(product) || rules.length === 0) continue;
        expect(await isTaken(printVaultPolicy(rules))).toBe(true);
        await expectSameMeaning(rules);
      }
    });

    it('is read alike when it is a little wrong', async () => {
      let both = 0;
      for (const text of fc.sample(anyPolicyText(product), { numRuns: MUTATIONS, seed: 6 })) {
        const { rules, problems } = parseVaultPolicy(text);
        const taken = await isTaken(text);
        if (isForgiven(product, problems)) continue;
        expect({ text, problem: problems[0], taken }).toEqual({
          text,
          problem: taken ? undefined : expect.anything(),
          taken: problems.length === 0,
        });
        if (!taken) continue;
        both += 1;
        await expectSameMeaning(rules);
      }
      expect(both).toBeGreaterThan(MUTATIONS / 5);
      expect(both).toBeLessThan((MUTATIONS * 4) / 5);
    });
  });
}

/** Vault may forget a mistake that ends in a closing brace: see the named cases. */
function isForgiven(product: Product, problems: readonly { readonly message: string }[]): boolean {
  return product === 'Vault' && problems.some(({ message }) => message.endsWith('not `}`'));
}
