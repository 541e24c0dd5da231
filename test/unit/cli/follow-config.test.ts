import { rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followConfig } from '../../../src/cli/follow-config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { withFiles } from '../../support/cli.ts';
import { captureLog } from '../../support/log.ts';

const VALID = 'webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: one } }\n';

async function following(run: (file: Followed) => Promise<void>): Promise<void> {
  await withFiles({ 'c.yaml': VALID }, async (dir) => {
    const file = join(dir, 'c.yaml');
    const loaded = loadConfig(file);
    if (!loaded.ok) throw new Error('the configuration of the test is not valid');
    const log = captureLog({ level: loaded.config.log.level });
    const metrics = createMetrics({ version: '1' });
    const { config } = loaded;
    const { stop } = followConfig({ file, config, logger: log.logger, metrics, intervalMs: 5 });
    onTestFinished(stop);
    await run({
      log,
      async write(text) {
        // As a ConfigMap mount changes: at once.
        await writeFile(`${file}.new`, text);
        await rename(`${file}.new`, file);
      },
      remove: () => unlink(file),
      async gauges() {
        const text = await metrics.registry.metrics();
        return ['valid', 'restart_needed'].map((name) =>
          Number(new RegExp(`^countersign_config_${name} (\\d)$`, 'm').exec(text)?.[1]),
        );
      },
    });
    stop();
  });
}

interface Followed {
  readonly log: ReturnType<typeof captureLog>;
  readonly write: (text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Valid; restart needed. */
  readonly gauges: () => Promise<readonly number[]>;
}

const messages = ({ log }: Followed) => log.entries().map(({ msg }) => msg);

describe('the configuration file of a running server', () => {
  it.each(['debug', 'error'])('changes the log level to %s at once, and says so', async (level) => {
    await following(async (followed) => {
      await followed.write(`${VALID}log: { level: ${level} }\n`);

      await expect.poll(() => followed.log.logger.level).toBe(level);
      expect(followed.log.entries()).toEqual([
        { level: 'info', msg: 'the log level has changed', now: level, before: 'info' },
      ]);
      expect(await followed.gauges()).toEqual([1, 0]);
    });
  });

  it('that is no longer valid changes nothing, says where, and shows until it is mended', async () => {
    await following(async (followed) => {
      await followed.write(`${VALID}log: { level: loud }\n`);

      await expect.poll(followed.gauges).toEqual([0, 0]);
      expect(followed.log.logger.level).toBe('info');
      expect(followed.log.entries()).toEqual([
        {
          level: 'error',
          msg: 'the configuration file is not valid, going on with the one before',
          problems: [expect.stringMatching(/c\.yaml:2:\d+: log\.level: expected one of debug/)],
        },
      ]);

      await followed.write(VALID);
      await expect.poll(followed.gauges).toEqual([1, 0]);
      expect(messages(followed).at(-1)).toBe('the configuration file is valid again');
    });
  });

  it('that is gone is not valid either', async () => {
    await following(async (followed) => {
      await followed.remove();

      await expect.poll(followed.gauges).toEqual([0, 0]);
      expect(followed.log.entries()[0]).toMatchObject({
        problems: [expect.stringContaining('c.yaml: cannot be read (ENOENT)')],
      });
    });
  });

  it('with other changes says which wait for the next start, until they are taken back', async () => {
    await following(async (followed) => {
      await followed.write(VALID.replace('one', 'two').concat('factsMaxAgeSeconds: 200\n'));

      await expect.poll(followed.gauges).toEqual([1, 1]);
      expect(followed.log.entries()[0]).toMatchObject({
        level: 'warn',
        changed: ['webhook.caller.segment', 'factsMaxAgeSeconds'],
      });

      await followed.write(VALID);
      await expect.poll(followed.gauges).toEqual([1, 0]);
    });
  });

  it('never has its values in the log', async () => {
    await following(async (followed) => {
      await followed.write(VALID.replace('one', 'precious-segment'));
      await expect.poll(followed.gauges).toEqual([1, 1]);
      await followed.write(`precious: precious-segment\n${VALID}`);
      await expect.poll(followed.gauges).toEqual([0, 1]);

      expect(followed.log.lines.join('')).not.toContain('precious-segment');
    });
  });
});
