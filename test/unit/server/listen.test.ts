import { Server } from 'node:net';
import { expect, it } from 'vitest';
import { listen } from '../../../src/server/listen.ts';

function machine(failures: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const app = {
    server: new Server(),
    async listen({ host }: { host: string }) {
      asked.push(host);
      if (failures[host] !== undefined) throw Object.assign(new Error('no'), { code: failures[host] });
      return host;
    },
  };
  return { app, asked };
}

it.each([
  ['every address', undefined, {}, ['::']],
  ['every address of a machine without IPv6', undefined, { '::': 'EAFNOSUPPORT' }, ['::', '0.0.0.0']],
  ['one address', '10.0.0.1', {}, ['10.0.0.1']],
])('listens on %s', async (_name, host, failures, expected) => {
  const { app, asked } = machine(failures);
  expect([await listen(app, { host, port: 8443 }), asked]).toEqual([8443, expected]);
});

it.each([
  [undefined, { '::': 'EACCES' }, 'cannot listen on :80: EACCES'],
  [undefined, { '::': 'EAFNOSUPPORT', '0.0.0.0': 'EADDRINUSE' }, 'cannot listen on :80: EADDRINUSE'],
  ['::1', { '::1': 'EAFNOSUPPORT' }, 'cannot listen on ::1:80: EAFNOSUPPORT'],
])('on %s with %o is an error that says where', async (host, failures, message) => {
  await expect(listen(machine(failures).app, { host, port: 80 })).rejects.toThrow(message);
});
