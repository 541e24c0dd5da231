import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readConfig } from '../../../src/config/load.ts';
import { NOTICE_EVENTS, noticeBody } from '../../../src/core/notice.ts';
import { signature } from '../../../src/notify/signature.ts';
import { temporaryFolder } from '../../support/tls.ts';

/** docs/notifications.md says what is so. */

const page = await readFile('docs/notifications.md', 'utf8');
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'u').exec(page)?.[1] ?? '';
}

const WEBHOOK = 'webhook: { tls: { selfSigned: true }, caller: { mode: path, segment: local } }\n';

describe('the page about notifications', () => {
  it('has a configuration that counts, with a key of enough bytes', async () => {
    const key = join(folder.path, 'key');
    const text = WEBHOOK + block('yaml').replace(/secretFile: .*/u, `secretFile: ${key}`);
    await writeFile(key, 'short');
    expect(readConfig(text, 'config.yaml')).toMatchObject({
      ok: false,
      problems: [{ key: 'notifications.chat.secretFile', message: 'expected a key of at least 32 bytes' }],
    });

    await writeFile(key, new Uint8Array(32));
    expect(readConfig(text, 'config.yaml')).toMatchObject({
      ok: true,
      config: { notifications: { chat: { secretFile: key, timeoutSeconds: 10, headers: {} } } },
    });
  });

  it('mounts with the chart what the configuration names', async () => {
    const [, text = ''] = [...page.matchAll(/```yaml\n([\s\S]*?)```/gu)].map(([, inner]) => inner);
    const values = parse(text) as {
      readonly config: object;
      readonly extraVolumes: readonly { readonly name: string }[];
      readonly extraVolumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    };
    const known = parse(await readFile('charts/countersign/values.yaml', 'utf8')) as object;
    const [mount] = values.extraVolumeMounts;

    expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(values)));
    expect(values.extraVolumes[0]?.name).toBe(mount?.name);
    expect(JSON.stringify(values.config)).toContain(`"secretFile":"${mount?.mountPath}/`);
    const file = join(folder.path, 'key');
    await writeFile(file, new Uint8Array(32));
    const config = stringify(values.config).replace(`${mount?.mountPath}/key`, file);
    expect(readConfig(WEBHOOK + config, 'config.yaml').ok).toBe(true);
  });

  it.each([
    ['http://notices.example.com/', 'expected https://HOST…'],
    ['http://127.0.0.1.example.com/', 'expected https://HOST…'],
    ['https://user:secret@notices.example.com/', 'expected https://HOST…'],
    ['ftp://127.0.0.1/', 'expected https://HOST…'],
    ['http://127.0.0.1:8080/in', undefined],
    ['http://[::1]:8080/in', undefined],
    ['https://notices.example.com/in?team=a', undefined],
  ])('takes %s only where nobody can listen', async (url, message) => {
    const key = join(folder.path, 'key');
    await writeFile(key, new Uint8Array(32));
    const loaded = readConfig(
      `${WEBHOOK}notifications: { chat: { url: "${url}", secretFile: ${key} } }`,
      'config.yaml',
    );

    if (message === undefined) expect(loaded.ok).toBe(true);
    else expect(JSON.stringify(loaded)).toContain(message);
  });

  it('names all events', () => {
    const named = [...page.matchAll(/^\| `(\w+)` \|/gmu)].map(([, event]) => event);

    expect(named).toEqual([...NOTICE_EVENTS]);
  });

  it('shows every key of a body in its order', () => {
    const shown = JSON.parse(block('json')) as Record<string, string>;
    const { name, serviceAccount, workload, requester, by, decision, expiresAt } = shown;
    const fields = { name, serviceAccount, workload, requester, by, decision, expiresAt };
    const text = shown['text'] ?? '';
    const body = noticeBody(
      { event: 'GrantApproved', uid: 'g', namespace: 'shop', text, fields },
      Date.UTC(2026, 0, 31, 12),
    );

    expect(JSON.parse(body)).toEqual({ ...shown, id: expect.stringMatching(/^[0-9a-f]{32}$/u) });
    expect(Object.keys(JSON.parse(body) as object)).toEqual(Object.keys(shown));
  });

  it('has a check of the signature that takes what is signed and nothing else', async () => {
    const file = join(folder.path, 'verify.mjs');
    await writeFile(file, block('js'));
    const { isSigned } = (await import(pathToFileURL(file).href)) as {
      isSigned: (header: string, body: string, key: Uint8Array, nowSeconds: number) => boolean;
    };
    const key = new Uint8Array(32).fill(7);
    const header = signature(key, 1000, '{}');

    expect(isSigned(header, '{}', key, 1300)).toBe(true);
    expect(isSigned(header, '{ }', key, 1000)).toBe(false);
    expect(isSigned(header, '{}', new Uint8Array(32), 1000)).toBe(false);
    expect(isSigned(header, '{}', key, 1301)).toBe(false);
    expect(isSigned('', '{}', key, 1000)).toBe(false);
  });

  it('shows the check that the example does', async () => {
    const example = await readFile('manifests/examples/notify-chat/forward.mjs', 'utf8');
    const lines = block('js')
      .split('\n')
      .filter((line) => /exec|createHmac\('|timingSafeEqual\(/u.test(line));

    expect(lines.length).toBe(3);
    for (const line of lines) expect(example).toContain(line);
  });
});
