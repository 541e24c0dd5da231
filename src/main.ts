#!/usr/bin/env node
import { processHost } from './cli/host.ts';
import { runCli } from './cli/program.ts';

/** The process: server and command line in one. */
async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), processHost());
}

void main();
