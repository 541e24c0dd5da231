import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { metafiles } from './build.ts';
import { bundledPackages } from './sbom/bundled.ts';
import { type Document, documentOf } from './sbom/document.ts';

/** `npm run sbom`: what is in the image, as a CycloneDX document, from the lockfile and the bundles. */

const defaultFile = 'dist/countersign.cdx.json';
const help = `usage: npm run sbom -- [--out FILE]

  --out  where the document is written (${defaultFile})

SOURCE_DATE_EPOCH, in seconds, is its date; without it, it has none.
`;

export async function sbom(epochSeconds?: number): Promise<Document> {
  // With the tools: npm's own `--omit=dev` leaves out what a tool needs too (@opentelemetry/api), and the bundles decide.
  const npm = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'];
  const [bundles, lockfile, { stdout }] = await Promise.all([
    metafiles(),
    readFile('package-lock.json', 'utf8'),
    promisify(execFile)('npm', npm, { maxBuffer: 16 << 20 }),
  ]);
  return documentOf(JSON.parse(stdout), bundledPackages(bundles, JSON.parse(lockfile)), epochSeconds);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: defaultFile },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const document = await sbom(epoch === undefined ? undefined : Number(epoch));
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(document, undefined, 2)}\n`);
  process.stdout.write(`${values.out}  ${document.components.length} components\n`);
}

if (import.meta.main) await main();
