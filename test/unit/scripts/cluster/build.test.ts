import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildComponents } from '../../../../scripts/cluster/build.ts';
import { binaryPath, components, programPath } from '../../../../scripts/cluster/components.ts';
import type { Compilation, Compile } from '../../../../scripts/cluster/go.ts';

let dir = '';
let interruption = new AbortController();
let printed = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-build-'));
  interruption = new AbortController();
  printed = '';
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const names = components.map(({ name }) => name);

/** Writes half a program, then does `then`, then the other half. */
function fakeCompiler(then: (name: string) => void = () => undefined) {
  const compiled: string[] = [];
  const compile: Compile = async ({ component, folder, signal }: Compilation) => {
    const output = join(folder, component.name);
    writeFileSync(output, 'half ');
    writeFileSync(join(folder, 'work'), 'in progress');
    compiled.push(component.name);
    await new Promise((resolve) => setImmediate(resolve));
    then(component.name);
    signal.throwIfAborted();
    writeFileSync(output, 'whole');
  };
  return { compiled, compile };
}

function build(compile: Compile, problem?: string) {
  return buildComponents({
    dir,
    compile,
    signal: interruption.signal,
    output: { write: (text) => (printed += text) },
    toolchainProblem: async () => problem,
  });
}

function files(): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

describe('buildComponents', () => {
  it('builds everything and says which of how many', async () => {
    const { compiled, compile } = fakeCompiler();
    expect(await build(compile)).toEqual({ kind: 'ready' });
    expect(compiled).toEqual(names);
    for (const component of components)
      expect(readFileSync(binaryPath(component, dir), 'utf8')).toBe('whole');
    expect(printed).toContain('[2/4] kube-apiserver 1.37.2: built after');
  });

  it('does not build what is there', async () => {
    const [first, ...rest] = components.map((component) => binaryPath(component, dir));
    mkdirSync(dirname(first ?? ''), { recursive: true });
    writeFileSync(first ?? '', 'mine');
    const { compiled, compile } = fakeCompiler();
    await build(compile);
    expect(compiled).toHaveLength(rest.length);
    expect(readFileSync(first ?? '', 'utf8')).toBe('mine');
  });

  it('needs no Go when everything is there', async () => {
    await build(fakeCompiler().compile);
    expect(await build(fakeCompiler().compile, 'no Go')).toEqual({ kind: 'ready' });
  });

  it('says what is missing on the machine, and touches nothing', async () => {
    const { compiled, compile } = fakeCompiler();
    expect(await build(compile, 'no Go')).toEqual({ kind: 'unable', problem: 'no Go' });
    expect(compiled).toEqual([]);
  });

  it('stops at a failure, keeps what was built, and goes on from there', async () => {
    const failing = fakeCompiler((name) => {
      if (name === 'kube-apiserver') throw new Error('does not compile');
    });
    expect(await build(failing.compile)).toEqual({ kind: 'failed', problem: 'does not compile' });
    expect(files()).toEqual(['etcd']);
    const { compiled, compile } = fakeCompiler();
    await build(compile);
    expect(compiled).toEqual(names.slice(1));
  });

  it('leaves nothing half done when it is interrupted', async () => {
    const { compile } = fakeCompiler((name) => {
      if (name === 'kube-apiserver') interruption.abort();
    });
    expect(await build(compile)).toEqual({ kind: 'interrupted' });
    expect(files()).toEqual(['etcd']);
  });

  it('removes what a killed builder left', async () => {
    const leftover = `${programPath('kubectl', dir)}.1.tmp`;
    mkdirSync(leftover, { recursive: true });
    writeFileSync(join(leftover, 'kubectl'), 'half');
    await build(fakeCompiler().compile);
    expect(existsSync(leftover)).toBe(false);
  });

  it('builds once when it runs twice at the same time', async () => {
    const { compiled, compile } = fakeCompiler();
    await Promise.all([build(compile), build(compile)]);
    expect(compiled).toEqual(names);
    expect(printed).toContain(`waiting for process ${process.pid}`);
  });
});
