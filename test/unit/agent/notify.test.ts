import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { callLoopback, isLoopbackUrl } from '../../../src/agent/notify.ts';

describe('isLoopbackUrl', () => {
  it.each([
    'http://localhost/-/reload',
    'http://127.0.0.1:8080',
    'http://127.1.2.3/x?y=z',
    'http://[::1]:9/',
    'http://2130706433/',
  ])('takes %s', (url) => {
    expect(isLoopbackUrl(url)).toBe(true);
  });

  it.each([
    'https://localhost/',
    'http://example.com/',
    'http://localhost.example.com/',
    'http://127.0.0.1@example.com/',
    'http://user:pass@127.0.0.1/',
    'http://0.0.0.0/',
    'http://169.254.169.254/',
    'http://[::ffff:10.0.0.1]/',
    'file:///etc/passwd',
    '127.0.0.1:80',
    '',
  ])('refuses %s', (url) => {
    expect(isLoopbackUrl(url)).toBe(false);
  });
});

describe('callLoopback', () => {
  const never = new AbortController().signal;
  let server: Server | undefined;

  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  async function listening(status: number): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    server = createServer(({ method, url, headers }, response) => {
      asked.push(`${method} ${url} ${headers['content-length']} ${'x-vault-token' in headers}`);
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('x'.repeat(100_000));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r?a=b`, asked };
  }

  it.each([200, 302, 500])('posts nothing but itself, and gives the status %d', async (status) => {
    const { url, asked } = await listening(status);
    expect(await callLoopback(url, never)).toBe(status);
    expect(asked).toEqual(['POST /r?a=b 0 false']);
  });

  it('fails when nobody listens, and when it is stopped', async () => {
    await expect(callLoopback('http://127.0.0.1:1/', never)).rejects.toThrow('ECONNREFUSED');
    const { url } = await listening(200);
    await expect(callLoopback(url, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
