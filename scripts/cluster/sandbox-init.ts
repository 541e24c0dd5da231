/**
 * The first process of a sandbox: makes the place a node runs in, then runs the command. Its end is the sandbox's end.
 * When the channel to whoever made the sandbox closes, because that was killed, it ends the command and cleans up itself.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { objectOf, textOf } from '../../src/core/json.ts';
import { nodeAddress, type SandboxPlace, sandboxVariable } from './place.ts';
import { makeControlGroups, removeTraces } from './traces.ts';

const graceMilliseconds = 30_000;
const pollMilliseconds = 50;

/** Where containerd and the kubelet write at paths that can't be set; what is there is seen, writes go elsewhere. */
const covered = ['/var/lib', '/var/log'];

/**
 * What the kubelet wants of the whole machine (pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables): here it
 * finds that in files of ours, and so leaves the machine as it is.
 */
const tunables: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/** Of the network namespace: pods are routed, and their services found, also between pods of one bridge. */
const networkTunables = ['ipv4/ip_forward', 'bridge/bridge-nf-call-iptables'];

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function makePlace(folder: string): void {
  run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
  for (const path of covered) {
    const upper = join(folder, 'covered', basename(path));
    const work = join(folder, 'covered', `${basename(path)}.work`);
    mkdirSync(upper, { recursive: true });
    mkdirSync(work);
    run(
      'mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${path},upperdir=${upper},workdir=${work}`,
      'overlay',
      path,
    );
  }
  for (const [name, value] of Object.entries(tunables)) {
    const file = join('/run', name.replaceAll('/', '.'));
    writeFileSync(file, `${value}\n`);
    run('mount', '--bind', file, join('/proc/sys', name));
  }
  // The kernel may have no dummy devices, but one end of a pair does as well.
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'node0', 'type', 'veth', 'peer', 'name', 'node0-peer');
  for (const device of ['node0', 'node0-peer']) run('ip', 'link', 'set', device, 'up');
  run('ip', 'address', 'add', `${nodeAddress}/24`, 'dev', 'node0');
  run('ip', 'route', 'add', 'default', 'dev', 'node0');
  for (const name of networkTunables) {
    const path = join('/proc/sys/net', name);
    if (existsSync(path)) writeFileSync(path, '1');
  }
}

async function main(folder: string, command: string, args: readonly string[]): Promise<number> {
  makePlace(folder);
  const place: SandboxPlace = { controlGroup: makeControlGroups(folder) };
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...environment(), TMPDIR: folder, [sandboxVariable]: JSON.stringify(place) },
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
    );
  });
  let orphaned = false;
  process.on('message', (message) => end(child, textOf(objectOf(message)['signal'])));
  process.on('disconnect', () => {
    orphaned = true;
    end(child, 'SIGTERM');
  });
  const code = await ended;
  if (orphaned) {
    await killEverything();
    await removeTraces(folder);
  }
  return code;
}

/** The channel is for this process alone. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_CHANNEL_FD: _fd, NODE_CHANNEL_SERIALIZATION_MODE: _mode, ...env } = process.env;
  return env;
}

function end(child: ChildProcess, name: string | undefined): void {
  const signal = name === 'SIGINT' || name === 'SIGHUP' ? name : 'SIGTERM';
  child.kill(signal);
  setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref();
}

/** All but this process, in its namespace; those that have ended and that nobody looked after stay visible. */
async function killEverything(): Promise<void> {
  while (others().length > 0) {
    process.kill(-1, 'SIGKILL');
    await sleep(pollMilliseconds);
  }
}

function others(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/u.test(name) && name !== '1' && !isOver(name));
}

function isOver(pid: string): boolean {
  try {
    return /\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

const [folder, command, ...args] = process.argv.slice(2);
if (import.meta.main && folder !== undefined && command !== undefined) {
  process.exit(await main(folder, command, args));
}
