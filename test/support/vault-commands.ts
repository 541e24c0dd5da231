/** Commands for `vault`, run as a person would run them: by a shell, at a real server. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { openBaoBinary } from '../../scripts/fetch-openbao.ts';
import { withFiles } from './cli.ts';
import type { VaultServer } from './vault-server.ts';

const RUN = '  run     ';

/** Those among what `countersign fix` prints for people. */
export function commandsIn(fixText: string): string {
  const lines: string[] = [];
  let isHereDocument = false;
  for (const line of fixText.split('\n')) {
    if (line.startsWith(RUN)) lines.push(line.slice(RUN.length));
    else if (isHereDocument) lines.push(line);
    if (lines.at(-1)?.endsWith("<<'EOF'")) isHereDocument = true;
    if (line === 'EOF') isHereDocument = false;
  }
  return lines.join('\n');
}

/** As root. OpenBao's own command is as good at either server. @throws where one of them fails */
export async function runAtVault(server: VaultServer, script: string): Promise<void> {
  const bao = await openBaoBinary();
  await withFiles({ 'ca.pem': server.ca ?? '' }, async (dir) => {
    const env = {
      ...process.env,
      BAO: bao,
      BAO_ADDR: server.address,
      BAO_TOKEN: server.rootToken,
      ...(server.ca !== undefined && { BAO_CACERT: `${dir}/ca.pem` }),
    };
    const child = spawn('sh', ['-eu'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.end(`vault() { "$BAO" "$@"; }\n${script}\n`);
    const said = await text(child.stderr);
    if ((await code) !== 0) throw new Error(`${script}\n${said}`);
  });
}
