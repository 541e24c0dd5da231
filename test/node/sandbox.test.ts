import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sandboxPlace } from '../../scripts/cluster/place.ts';
import { controlGroups, ownerOf } from '../../scripts/cluster/traces.ts';

/** In the sandbox of these tests: what holds for a machine holds in there. */
const source = `
  const { runInSandbox } = await import(process.argv[1]);
  process.exit(await runInSandbox('sh', ['-c', process.argv[2]]));
`;
const sandbox = fileURLToPath(new URL('../../scripts/cluster/sandbox.ts', import.meta.url));
/** Leaves a process behind, and names its folder. */
const lasting = 'sleep 300 & echo $TMPDIR; wait';

const owners: ChildProcess[] = [];

afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
});

interface Owner {
  readonly process: ChildProcess;
  /** The first line that the command prints. */
  readonly line: Promise<string>;
  readonly code: Promise<number | null>;
}

function own(script: string): Owner {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, sandbox, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(child);
  const code = once(child, 'exit').then(([ended]) => ended as number | null);
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  return { process: child, line, code };
}

function tracesOf(owner: number): readonly string[] {
  const places = [tmpdir(), ...controlGroups(sandboxPlace().controlGroup)];
  return places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => ownerOf(name) === owner)
      .map((name) => join(place, name)),
  );
}

/** The processes of the sandbox in `folder`, which this one's namespace sees too. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/u.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`TMPDIR=${folder}\0`)
      );
    } catch {
      return false;
    }
  });
}

describe('a sandbox', () => {
  it('ends with the command, and says how that ended', async () => {
    const owner = own('echo started; exit 7');
    expect(await owner.line).toBe('started');
    expect(await owner.code).toBe(7);
    expect(tracesOf(owner.process.pid ?? 0)).toEqual([]);
  });

  it('has a network of its own', async () => {
    const owner = own('ip -brief link show cni0 2>&1 || true; ip -brief address show node0');
    expect(await owner.line).toContain('does not exist');
    await owner.code;
  });

  it('keeps what is written to the folders of the machine to itself', async () => {
    const owner = own('mkdir /var/lib/kubelet/of-a-sandbox; touch /var/log/of-a-sandbox; ls /var/log');
    await owner.line;
    expect(await owner.code).toBe(0);
    expect(['/var/lib/kubelet/of-a-sandbox', '/var/log/of-a-sandbox'].filter(existsSync)).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'leaves no process, folder or control group when its owner gets %s',
    async (signal) => {
      const owner = own(lasting);
      const folder = await owner.line;
      expect(existsSync(folder)).toBe(true);
      expect(tracesOf(owner.process.pid ?? 0).length).toBeGreaterThan(1);
      await expect.poll(() => processesIn(folder)).toHaveLength(2);
      owner.process.kill(signal);
      await owner.code;

      await expect.poll(() => tracesOf(owner.process.pid ?? 0), { timeout: 60_000 }).toEqual([]);
      expect(processesIn(folder)).toEqual([]);
    },
  );
});
