import { spawn } from 'node:child_process';
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration, printDuration } from '../core/duration.ts';
import { CountersignError } from '../core/errors.ts';
import { accessCsv } from '../core/report/csv.ts';
import { shown } from '../core/text.ts';
import type { PersonalVault } from '../facts/vault/personal.ts';
import { listen } from '../server/listen.ts';
import { buildReviewPage, type PageFiles } from '../server/review/app.ts';
import { createPageKeys } from '../server/review/keys.ts';
import { accessIn } from './access.ts';
import { type ClusterOptions, type Viewed, viewCluster, withAllNamespaces } from './cluster.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { pageFiles } from './page-files.ts';
import { proposalFor } from './page-proposal.ts';
import type { AddCommand } from './program.ts';
import { VAULT_HELP, type VaultOptions, vaultOf, withVaultOptions } from './vault-option.ts';

interface UiOptions extends ClusterOptions, VaultOptions {
  readonly port: number;
  readonly idle: number;
  readonly open?: boolean;
}

const HELP = `
The page shows and does what you may, with the identity of your kubeconfig, and is served to this machine
alone. The link that is printed works once; after that the browser that opened it is known until this
command ends. Without -n or -A it shows every namespace where you may list denials everywhere, else the
context's.
${VAULT_HELP}

Examples:
  countersign ui
  countersign ui -n shop --open
  countersign ui --context staging --port 8900 --idle 2h --vault default

Exit codes: 0 ended by Ctrl-C or after --idle, 1 the cluster can't be used, 2 usage.`;

const IDLE_SECONDS = 1800;

/** The review page, for the person at this machine. */
export const uiCommand: AddCommand = (program, host, done) => {
  const command = program
    .command('ui')
    .description('serve the review page to this machine: denials, grants, who holds what')
    .addOption(
      new Option('--port <number>', 'to listen on at 127.0.0.1')
        .argParser(portNumber)
        .default(0, 'any that is free'),
    )
    .addOption(
      new Option('--idle <duration>', 'end when no page was open for so long')
        .argParser(idleSeconds)
        .default(IDLE_SECONDS, printDuration(IDLE_SECONDS)),
    )
    .option('--open', 'open it in the browser');
  withVaultOptions(withAllNamespaces(command))
    .addHelpText('after', HELP)
    .action(async (options: UiOptions) => done(await ui(options, host, pageFiles())));
};

async function ui(options: UiOptions, host: CliHost, files: PageFiles): Promise<ExitCode> {
  const asked = await vaultOf(options);
  const vault = asked && orUnread(asked);
  const viewed = await viewCluster(options);
  const { client, desk, context } = viewed;
  const { username } = await desk.whoAmI();
  const namespace = await lookedAt(viewed);
  const keys = createPageKeys();
  const idle = countdown(options.idle * 1000);
  const interruption = interrupted();
  let port = 0;
  const app = buildReviewPage({
    desk,
    namespace,
    context,
    keys,
    files,
    port: () => port,
    report: () => accessIn(client, { namespace, nowMs: Date.now(), vault }),
    csv: accessCsv,
    proposal: (denial) => proposalFor(client, denial, { nowMs: Date.now(), vault }),
    onUse: idle.restart,
    onBug: (error) => host.err(`countersign failed by a bug of its own: ${nameOf(error)}`),
  });
  port = await listen(app, { host: '127.0.0.1', port: options.port });
  const link = `http://127.0.0.1:${port}/#link=${keys.link}`;
  host.out(`The review page, as ${shown(username)} in ${place(context, namespace)}:\n\n  ${link}\n`);
  host.err(`The link works once. Ctrl-C ends it, and ${printDuration(options.idle)} without an open page.`);
  if (options.open === true) openBrowser(link, host);
  await Promise.race([interruption, idle.over]);
  idle.stop();
  await app.close();
  return EXIT.ok;
}

/** The page shows all else while it can't be read: a token may end, and another one be got, while the page is open. */
function orUnread(vault: PersonalVault): PersonalVault {
  return {
    name: vault.name,
    read: (...about) =>
      vault.read(...about).catch((error: unknown) => {
        if (!(error instanceof CountersignError)) throw error;
        return { facts: undefined, incomplete: [error.message] };
      }),
  };
}

/** `undefined`: every namespace. */
async function lookedAt({ desk, named, allNamespaces, namespace }: Viewed): Promise<string | undefined> {
  if (allNamespaces) return undefined;
  if (named) return namespace;
  // Of no namespace: of all of them (SelfSubjectAccessReview).
  return (await desk.rights('')).readDenials ? undefined : namespace;
}

function place(context: string, namespace: string | undefined): string {
  return `${namespace === undefined ? 'every namespace' : `namespace ${shown(namespace)}`} of context ${shown(context)}`;
}

interface Countdown {
  readonly over: Promise<void>;
  readonly restart: () => void;
  readonly stop: () => void;
}

function countdown(ms: number): Countdown {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms).unref();
  return { over: promise, restart: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Other users of the machine may read a command line for a moment: whoever comes second finds the link used. */
function openBrowser(link: string, host: CliHost): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, link], { stdio: 'ignore', detached: true });
  child.once('error', () => host.err(`no browser could be opened by ${command}: open the link by hand`));
  child.unref();
}

function nameOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.name) : String(error);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/u.test(text) || port > 65_535) throw new InvalidArgumentError('expected 0 to 65535.');
  return port;
}

/** A longer time than a timer can hold would end at once. */
const MAX_IDLE_SECONDS = 7 * 24 * 3600;

function idleSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds === 0 || seconds > MAX_IDLE_SECONDS)
    throw new InvalidArgumentError('expected a time such as 30m or 2h, at most 168h.');
  return seconds;
}
