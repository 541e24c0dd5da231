/** What we make of policies, held against what a real server makes of them. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { compareText } from '../../src/core/scope/canonical.ts';
import type { VaultScope } from '../../src/core/scope/scope.ts';
import { capabilitiesAt, createAcl } from '../../src/core/vault/acl.ts';
import { BASELINE_SCOPES } from '../../src/core/vault/baseline.ts';
import { withheld } from '../../src/core/vault/covers.ts';
import type { PolicyText } from '../../src/core/vault/policy.ts';
import { runs } from './runs.ts';
import {
  anyPath,
  anyPathUnder,
  anyPattern,
  anyPolicies,
  CAPABILITIES_OF,
  DIALECTS,
  hclOf,
} from './vault-acl.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';
import { contest, winnersOf } from './vault-winners.ts';

/** Ten thousand questions take a second or two. */
const timeout = 1_800_000;
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 2 ** 31);

/** Lines of the stock policy that only the other product has. */
const absent: Readonly<Record<Product, readonly string[]>> = {
  OpenBao: ['sys/control-group/request', 'sys/renew'],
  Vault: [],
};

/** KV 1, where a path is nothing but a name. */
const mounts = ['a', 'b', 'ab', 'abc', 'c'];

export function describeCapabilities(product: Product): void {
  const dialect = DIALECTS[product];
  let server: VaultServer;

  beforeAll(async () => {
    server = await startVaultServer(product, { tls: false });
    for (const mount of mounts) {
      await server.call('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '1' } });
    }
  });
  afterAll(() => server?.stop());

  /** Batch tokens leave nothing behind, and the policies' names are the same each time. */
  async function tokenWith(policies: readonly PolicyText[]): Promise<string> {
    await Promise.all(
      policies.map((policy) =>
        server.call('POST', `sys/policies/acl/${policy.name}`, { policy: hclOf(policy) }),
      ),
    );
    const names = policies.map(({ name }) => name);
    const body = { policies: names, no_default_policy: true, type: 'batch', ttl: '1h' };
    const { auth } = await server.call('POST', 'auth/token/create', body);
    return textOf(objectOf(auth)['client_token']) ?? '';
  }

  async function capabilities(token: string, paths: readonly string[]): Promise<Record<string, unknown>> {
    const { data } = await server.call('POST', 'sys/capabilities', { token, paths });
    return Object.fromEntries(paths.map((path) => [path, objectOf(data)[path]]));
  }

  async function isRefused(method: string, path: string, token: string): Promise<boolean> {
    const encoded = path.split('/').map(encodeURIComponent).join('%2F');
    const url = `${server.address}/v1/${encoded}`;
    const answer = await fetch(url, { method, headers: { 'X-Vault-Token': token }, redirect: 'manual' });
    await answer.body?.cancel();
    expect([200, 204, 403, 404, 405], `${method} ${path}`).toContain(answer.status);
    return answer.status === 403;
  }

  const paths = (policies: readonly PolicyText[]) =>
    fc.tuple(
      fc.array(anyPath, { minLength: 10, maxLength: 30 }),
      ...policies.flatMap(({ rules }) =>
        rules.map(({ path }) => fc.array(anyPathUnder(path), { minLength: 2, maxLength: 4 })),
      ),
    );
  const cases = anyPolicies(dialect).chain((policies) =>
    fc.record({
      policies: fc.constant(policies),
      paths: paths(policies).map((each) => [...new Set(each.flat())]),
    }),
  );

  describe(`the capabilities of a token of ${product}`, () => {
    it('are what we say they are, at every path', { timeout }, async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ({ policies, paths: asked }) => {
          const acl = createAcl(policies, dialect);
          const ours = Object.fromEntries(asked.map((path) => [path, capabilitiesAt(acl, path)]));
          expect(ours).toEqual(await capabilities(await tokenWith(policies), asked));
        }),
        { numRuns: runs(150), seed },
      );
    });

    it.each(winnersOf(dialect))('are those of %s: %s over %s at %s', async (_, winner, loser, path) => {
      const token = await tokenWith([contest(winner, loser)]);
      expect(await capabilities(token, [path])).toEqual({ [path]: ['read'] });
    });

    it('are everything with the policy root', async () => {
      const { data } = await server.call('POST', 'sys/capabilities', {
        token: server.rootToken,
        paths: ['a'],
      });
      expect(data).toMatchObject({ a: ['root'] });
      const acl = createAcl([{ name: 'root', rules: [] }], dialect);
      expect(capabilitiesAt(acl, 'a')).toEqual(expect.arrayContaining([...CAPABILITIES_OF[dialect]]));
    });

    it('by the stock policy default are the baseline, line by line', async () => {
      const { data } = await server.call('GET', 'sys/policies/acl/default');
      const lines = (textOf(objectOf(data)['policy']) ?? '').matchAll(
        /^path "(.*)" \{\s*capabilities = (\[.*\])$/gmu,
      );
      const scopes = [...lines].map(([, path = '', words = '']): VaultScope => {
        const capabilities = listOf(JSON.parse(words)).map(String);
        return { kind: 'vault', capabilities, path: path.replace(/\{\{.*\}\}/u, '+') };
      });
      const inOrder = (some: readonly VaultScope[]) => some.toSorted((a, b) => compareText(a.path, b.path));
      const baseline = BASELINE_SCOPES.filter(({ path }) => !absent[product].includes(path));
      expect(inOrder(scopes)).toEqual(inOrder(baseline));
    });
  });

  describe(`a needed pattern, asked of ${product}`, () => {
    const needs = cases.chain(({ policies }) => {
      const own = policies.flatMap(({ rules }) => rules.map(({ path }) => path));
      return fc.record({
        policies: fc.constant(policies),
        need: fc
          .tuple(fc.oneof(anyPattern, fc.constantFrom(...own)), fc.constantFrom(...CAPABILITIES_OF[dialect]))
          .chain(([path, capability]) =>
            fc.record({
              path: fc.constant(path),
              capability: fc.constant(capability),
              under: fc.array(anyPathUnder(path), { minLength: 10, maxLength: 20 }),
            }),
          ),
      });
    });

    it('is held only when nothing under it is refused, and the counter-example is', { timeout }, async () => {
      let held = 0;
      await fc.assert(
        fc.asyncProperty(needs, async ({ policies, need: { path, capability, under } }) => {
          const acl = createAcl(policies, dialect);
          const missing = withheld(acl, { kind: 'vault', capabilities: [capability], path });
          held += Number(missing.length === 0);
          const lists = capability === 'list' || capability === 'scan';
          const asked = missing.length > 0 ? missing.map(({ example }) => example) : under;
          const served = asked.flatMap((one) => askable(one, lists));
          if (served.length === 0) return;
          const answers = await capabilities(await tokenWith(policies), served);
          const granted = Object.values(answers).map((words) => listOf(words).includes(capability));
          expect(granted).toEqual(granted.map(() => missing.length === 0));
        }),
        { numRuns: runs(150), seed },
      );
      expect(held).toBeGreaterThan(0);
    });

    const methods = {
      openbao: { read: 'GET', list: 'LIST', delete: 'DELETE', scan: 'SCAN' },
      vault: { read: 'GET', list: 'LIST', delete: 'DELETE' },
    }[dialect];

    it('is answered by real requests as we say', { timeout }, async () => {
      const requests = cases.chain(({ policies, paths: all }) =>
        fc.record({
          policies: fc.constant(policies),
          asked: fc.array(
            fc.tuple(
              fc.constantFrom(...Object.entries(methods)),
              fc.constantFrom(...all.filter(isServed), 'a/b'),
            ),
            { minLength: 5, maxLength: 15 },
          ),
        }),
      );
      await fc.assert(
        fc.asyncProperty(requests, async ({ policies, asked }) => {
          const acl = createAcl(policies, dialect);
          const token = await tokenWith(policies);
          for (const [[capability, method], path] of asked) {
            const missing = withheld(acl, { kind: 'vault', capabilities: [capability], path });
            expect([method, path, await isRefused(method, path, token)]).toEqual([
              method,
              path,
              missing.length > 0,
            ]);
          }
        }),
        { numRuns: runs(40), seed },
      );
    });
  });
}

/** A path that a KV mount takes; one that ends in two slashes is a list of nothing. */
function isServed(path: string): boolean {
  const [mount = '', ...rest] = path.split('/');
  return mounts.includes(mount) && rest.length > 0 && !/[+*]|\/\/$/u.test(path);
}

/**
 * The path at which `sys/capabilities`, which always judges as for a list, is right about the request. A list of `a//` is
 * no one's need.
 */
function askable(path: string, lists: boolean): readonly string[] {
  if (!lists) return path.endsWith('/') ? [] : [path];
  const slashed = path.endsWith('/') ? path : `${path}/`;
  return slashed.endsWith('//') ? [] : [slashed];
}
