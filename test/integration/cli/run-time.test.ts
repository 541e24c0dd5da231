import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { METRICS } from '../../../src/telemetry/metric-table.ts';
import { withFiles } from '../../support/cli.ts';

const CONFIG = [
  'webhook: { address: "127.0.0.1:0", tls: { selfSigned: true }, caller: { mode: path, segment: one } }',
  'operations: { address: "127.0.0.1:0" }',
  'shutdown: { graceSeconds: 0 }',
  '',
].join('\n');
/** The file is read every five seconds. */
const SOON = { timeout: 20_000, interval: 100 };

it('a running server takes a log level up, outlives a configuration that is not valid, and says both', async () => {
  await withFiles({ 'c.yaml': CONFIG }, async (dir) => {
    const file = join(dir, 'c.yaml');
    const args = ['src/main.ts', 'serve', '--facts', 'manifests/examples', '--config', file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const log: Record<string, unknown>[] = [];
    createInterface(child.stdout).on('line', (line) => log.push(JSON.parse(line)));
    await expect.poll(() => log.at(-1)?.['msg'], SOON).toBe('serving');
    const address = `http://127.0.0.1:${Number(log.at(-1)?.['operationsPort'])}`;
    const metrics = async () => (await fetch(`${address}/metrics`)).text();

    await writeFile(file, `${CONFIG}log: { level: debug }\n`);
    await expect
      .poll(() => log.at(-1), SOON)
      .toMatchObject({ msg: 'the log level has changed', now: 'debug', before: 'info' });

    await writeFile(file, `${CONFIG}log: { level: loud }\n`);
    await expect.poll(metrics, SOON).toContain('countersign_config_valid 0');
    await expect
      .poll(() => log.at(-1), SOON)
      .toMatchObject({
        level: 'error',
        problems: [expect.stringContaining('log.level: expected one of debug, info, warn, error')],
      });
    expect((await fetch(`${address}/readyz`)).status).toBe(200);

    const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
    const names = [...(await metrics()).matchAll(/^# TYPE (countersign_\w+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => name === undefined || !known.has(name))).toEqual([]);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });
});
