/** What the forge runs and Docker builds, checked by the usual linters. They need no cluster, and are built and fetched with it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { actionlintPath } from '../../scripts/cluster/actionlint.ts';
import { linterPath } from '../../scripts/fetch-linters.ts';

const folder = '.github/workflows';
const files = await readdir(folder);

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly { readonly uses?: string }[];
}

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a linter says, empty when it is content. */
async function saidBy(program: string, args: readonly string[]): Promise<string> {
  const ended = await promisify(execFile)(program, [...args]).catch((error: unknown) => error);
  if (!(ended instanceof Error)) return '';
  return 'stdout' in ended ? String(ended.stdout) || ended.message : ended.message;
}

const actionlint = (file: string) => saidBy(actionlintPath(), ['-no-color', '-shellcheck=', file]);
const zizmor = async (file: string) =>
  saidBy(await linterPath('zizmor'), ['--offline', '--quiet', '--color=never', '--persona=pedantic', file]);
const hadolint = async (file: string) => saidBy(await linterPath('hadolint'), ['--no-color', file]);

describe.each(files)('the workflow %s', (name) => {
  const path = join(folder, name);

  it('passes actionlint', async () => {
    expect(await actionlint(path)).toBe('');
  });

  it('passes zizmor at its strictest but one', async () => {
    expect(await zizmor(path)).toBe('');
  });

  it('gives rights to jobs only, and every job an end', async () => {
    const workflow: Workflow = parse(await readFile(path, 'utf8'));
    expect(workflow.permissions).toEqual({});
    for (const [job, { permissions, ...more }] of Object.entries(workflow.jobs)) {
      expect(permissions, job).toBeDefined();
      expect(more['timeout-minutes'], job).toBeLessThanOrEqual(120);
    }
  });

  it('lets nothing of the sources run where there is a right to write', async () => {
    const { jobs }: Workflow = parse(await readFile(path, 'utf8'));
    const withSources = Object.values(jobs).filter(({ steps }) =>
      steps.some(({ uses }) => uses?.startsWith('actions/checkout@')),
    );
    expect(withSources.length).toBeGreaterThan(0);
    for (const { permissions } of withSources) expect(permissions).toEqual({ contents: 'read' });
  });

  it('names the release of every action that it pins', async () => {
    const uses = (await readFile(path, 'utf8')).split('\n').filter((line) => /\buses:/u.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u);
  });
});

describe('the Dockerfile', () => {
  it('passes hadolint', async () => {
    expect(await hadolint('Dockerfile')).toBe('');
  });
});

describe('the linters', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'countersign-linters-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each([
    [
      'actionlint',
      actionlint,
      'a.yaml',
      'on: push\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ run: a, uses: b }] } }\n',
    ],
    [
      'zizmor',
      zizmor,
      'b.yaml',
      'on: push\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ uses: actions/checkout@v6 }] } }\n',
    ],
    ['hadolint', hadolint, 'Dockerfile', 'FROM debian\n'],
  ] as const)('hear of what is wrong: %s', async (_, lint, name, text) => {
    await writeFile(join(dir, name), text);
    expect(await lint(join(dir, name))).not.toBe('');
  });
});
