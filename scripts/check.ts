import { styleText } from 'node:util';
import { run } from './run.ts';

/** `npm run check`: everything about the source that can be said without running it. All checks run; exit 1 if any fails. */

const CHECKS: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['types', 'tsc', ['--noEmit']],
  ['types of the page', 'tsc', ['--noEmit', '--project', 'src/page']],
  ['lint and import arrows', 'oxlint', ['--deny-warnings']],
  ['format', 'biome', ['ci', '--colors=off', '.']],
  ['unused code and dependencies', 'knip', ['--treat-config-hints-as-errors']],
  ['generated files are fresh', process.execPath, ['scripts/generate.ts', '--check']],
];

let failed = 0;
for (const [name, command, args] of CHECKS) {
  // One after the other: each uses both cores by itself.
  const { code, output, seconds } = await run(command, args);
  const mark = code === 0 ? styleText('green', 'ok') : styleText('red', 'failed');
  console.log(`${mark}  ${name}  ${seconds.toFixed(1)} s`);
  if (code !== 0) {
    failed += 1;
    console.log(output.trimEnd());
  }
}
process.exitCode = failed === 0 ? 0 : 1;
