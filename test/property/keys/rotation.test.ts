import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Contents, readContents } from '../../../src/keys/contents.ts';
import { ROTATIONS, type Rotation } from '../../../src/keys/due.ts';
import { advanced, filled, moment, NAMES, type SecretData } from '../../support/keys.ts';
import { runs } from '../../support/runs.ts';

/**
 * Time passes in days and minutes; replicas hear of the Secret late, registrations are changed late, people ask for
 * rotations. Whatever could be served must be verified by whatever could be registered.
 */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Tick {
  readonly ms: number;
  readonly asked: readonly Rotation[];
  /** Each replica hears of the Secret, or does not. */
  readonly hears: readonly boolean[];
  /** Each registration takes the change up, or does not. */
  readonly registers: readonly boolean[];
}

const tick: fc.Arbitrary<Tick> = fc.record({
  ms: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(60_000, HOUR_MS) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 2 }).map((days) => days * DAY_MS) },
  ),
  asked: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray([...ROTATIONS]) },
  ),
  hears: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
  registers: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
});

interface Registered {
  readonly pems: readonly string[];
  readonly segment: string;
}

function registered({ keys }: Contents): Registered {
  return { pems: keys.authorities.map(({ pem }) => pem), segment: keys.path.current ?? '' };
}

/**
 * A replica that hears nothing, and a registration that cannot be changed, are mended within this time and one tick: both
 * together within the ten days that a certificate has left when it is renewed. Beyond that there are alarms, and no promise.
 */
const LONGEST_DEAF_MS = 2 * DAY_MS;

it('never leaves a certificate that could be served without a CA that could be registered, nor a path or a seal without who accepts it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tick, { minLength: 100, maxLength: 300 }), async (ticks) => {
      let now = Date.UTC(2026, 0, 1);
      let secret: SecretData = await filled({}, moment({ now: new Date(now) }));
      let replicas = [0, 1].map(() => ({ has: readContents(secret), heardAt: now }));
      let registrations = [0, 1].map(() => ({ ...registered(readContents(secret)), changedAt: now }));
      for (const { ms, asked, hears, registers } of ticks) {
        now += ms;
        const before = readContents(secret);
        const settled = {
          // A minute is what `contents` waits for, and no one is let be deaf for it below.
          contents: replicas.every(({ has }) => same(has, before)),
          bundle: registrations.every(({ pems }) =>
            before.keys.authorities.every(({ pem }) => pems.includes(pem)),
          ),
          path: registrations.every(({ segment }) => segment === before.keys.path.current),
        };
        secret = await advanced(secret, moment({ now: new Date(now), settled, asked: new Set(asked) }));
        const after = readContents(secret);
        replicas = replicas.map((replica, index) =>
          hears[index] || now - replica.heardAt > LONGEST_DEAF_MS ? { has: after, heardAt: now } : replica,
        );
        const known = settled.contents && same(before, after);
        registrations = registrations.map((registration, index) =>
          registers[index] || now - registration.changedAt > LONGEST_DEAF_MS
            ? { ...registered(after), ...(!known && { segment: registration.segment }), changedAt: now }
            : registration,
        );
        check(
          replicas.map(({ has }) => has),
          registrations,
          now,
        );
      }
    }),
    { numRuns: runs(15) },
  );
});

function same(one: Contents, other: Contents): boolean {
  return JSON.stringify(digest(one)) === JSON.stringify(digest(other));
}

function digest({ keys }: Contents): unknown {
  const { injection, path, leaf, authorities } = keys;
  const seals = [injection.current, injection.previous, injection.next].map((key) =>
    key?.export().toString('hex'),
  );
  return [seals, path, leaf?.cert, authorities.map(({ pem }) => pem)];
}

function check(replicas: readonly Contents[], registrations: readonly Registered[], now: number): void {
  for (const { keys, problems } of replicas) {
    expect(problems).toEqual([]);
    const { leaf } = keys;
    if (leaf === undefined) throw new Error('no certificate');
    const certificate = new X509Certificate(leaf.cert);
    expect(leaf.expiresAt.getTime()).toBeGreaterThan(now);
    expect(certificate.checkHost(NAMES[0] ?? '')).toBeDefined();
    for (const { pems, segment } of registrations) {
      const authority = pems
        .map((pem) => new X509Certificate(pem))
        .find((one) => certificate.verify(one.publicKey));
      expect(authority?.validToDate.getTime()).toBeGreaterThan(now);
      expect([keys.path.current, keys.path.previous]).toContain(segment);
    }
    for (const other of replicas) {
      const accepted = [
        other.keys.injection.current,
        other.keys.injection.previous,
        other.keys.injection.next,
      ];
      expect(accepted.some((key) => keys.injection.current && key?.equals(keys.injection.current))).toBe(
        true,
      );
    }
  }
}
