import { CONFIG_SCHEMA } from '../../src/api/config.ts';
import type { Page } from './page.ts';
import { sectionsOf } from './schema-sections.ts';

export const configPage: Page = {
  name: 'config',
  path: 'docs/reference/config.md',
  source: 'src/api/config.ts',
  render: () => ({ body: [INTRODUCTION, ...sectionsOf(CONFIG_SCHEMA, '')].join('\n') }),
};

const INTRODUCTION = `# Configuration file

\`countersign serve --config FILE\` reads one YAML file. Every mistake in it is reported at once, with its line, column and
what was expected; then the process ends with exit code 2. Relative file names start at the folder of the file. A key that
is not listed here is a mistake.

A running server reads the file again every few seconds. It takes up \`log.level\`; every other key counts from the next start, and the
metric \`countersign_config_restart_needed\` says that one waits for it. A file that is no longer valid changes nothing: the server goes
on with what it has, and \`countersign_config_valid\` is 0 until it is mended.

\`\`\`yaml
webhook:
  tls: { certFile: /tls/tls.crt, keyFile: /tls/tls.key }
  caller: { mode: path, segment: 5b1f3c0e }
vaults:
  default: { address: "https://vault.example.com:8200", caFile: /vault/ca.crt }
injection:
  image: registry.example.com/countersign:0.1.0
  keyFile: /keys/current
\`\`\`
`;
