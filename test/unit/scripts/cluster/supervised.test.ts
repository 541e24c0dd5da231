import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { superviseIn } from '../../../../scripts/cluster/supervised.ts';

const parentSource = `
  const { superviseIn } = await import(process.argv[1]);
  const { cwd, script } = JSON.parse(process.argv[2]);
  superviseIn(cwd).run({ name: 'a', command: 'sh', args: ['-c', script], cwd, log: cwd + '/a.log' });
`;
const supervised = fileURLToPath(new URL('../../../../scripts/cluster/supervised.ts', import.meta.url));

/** Says its pid, ignores polite signals, and stays. */
const stubborn = 'trap "" TERM INT HUP; echo $$; exec sleep 60';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'countersign-supervised-'));
}

function program(cwd: string, script: string) {
  return { name: 'a', command: 'sh', args: ['-c', script], cwd, log: join(cwd, 'a.log') };
}

async function pidIn(cwd: string): Promise<number> {
  const log = join(cwd, 'a.log');
  await expect
    .poll(() => existsSync(log) && readFileSync(log, 'utf8'), { timeout: 5_000 })
    .toMatch(/^\d+\n/u);
  return Number(readFileSync(log, 'utf8'));
}

/** A process that has ended stays visible until its parent looks, which an orphan's may do late or never. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /u.test(readFileSync(stat, 'utf8'));
}

describe('a supervisor', () => {
  it('ends its programs and removes the folder when it is stopped, once or twice', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run(program(cwd, stubborn));
    const pid = await pidIn(cwd);
    await Promise.all([supervisor.stop(), supervisor.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(cwd)).toBe(false);
  });

  it('ends what its programs have started', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run(program(cwd, `sh -c '${stubborn}' & wait`));
    const grandchild = await pidIn(cwd);
    await supervisor.stop();
    await expect.poll(() => isAlive(grandchild)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'does the same when its parent gets %s',
    async (signal) => {
      const cwd = folder();
      const args = [
        '--input-type=module',
        '-e',
        parentSource,
        supervised,
        JSON.stringify({ cwd, script: stubborn }),
      ];
      const parent = spawn(process.execPath, args, { stdio: 'inherit' });
      const pid = await pidIn(cwd);
      parent.kill(signal);
      await expect.poll(() => isAlive(pid) || existsSync(cwd), { timeout: 5_000 }).toBe(false);
    },
  );

  it('may be killed itself', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run(program(cwd, `echo $PPID > supervisor; ${stubborn}`));
    const pid = await pidIn(cwd);
    process.kill(Number(readFileSync(join(cwd, 'supervisor'), 'utf8')), 'SIGKILL');
    expect(await supervisor.crash).toEqual({ name: 'supervisor', how: 'signal SIGKILL' });
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(existsSync(cwd)).toBe(false);
    await supervisor.stop();
  });

  it('tells which program ended by itself, and how', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run(program(cwd, 'echo broken >&2; exit 7'));
    expect(await supervisor.crash).toEqual({ name: 'a', how: 'exit code 7' });
    expect(readFileSync(join(cwd, 'a.log'), 'utf8')).toBe('broken\n');
    await supervisor.stop();
  });

  it('ends one program when it is asked to, in good order, and takes that for no crash', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run(program(cwd, 'trap "echo politely; exit 0" TERM; echo $$; while :; do sleep 0.1; done'));
    const pid = await pidIn(cwd);
    await supervisor.end('a');
    expect(isAlive(pid)).toBe(false);
    expect(readFileSync(join(cwd, 'a.log'), 'utf8')).toBe(`${pid}\npolitely\n`);
    supervisor.run({ ...program(cwd, ''), name: 'b', command: '/absent' });
    expect(await supervisor.crash).toMatchObject({ name: 'b' });
    await supervisor.stop();
  });

  it('tells when a program cannot be started', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run({ ...program(cwd, ''), command: '/absent' });
    expect(await supervisor.crash).toEqual({ name: 'a', how: 'spawn /absent ENOENT' });
    await supervisor.stop();
  });

  it('gives its programs nothing of the environment but PATH', async () => {
    const cwd = folder();
    const supervisor = superviseIn(cwd);
    supervisor.run({
      ...program(cwd, ''),
      command: process.execPath,
      args: ['-p', 'JSON.stringify(process.env)'],
    });
    await supervisor.crash;
    expect(JSON.parse(readFileSync(join(cwd, 'a.log'), 'utf8'))).toEqual({
      PATH: process.env['PATH'],
      HOME: cwd,
    });
    await supervisor.stop();
  });
});
