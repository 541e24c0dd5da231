import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../../src/core/inject/annotations.ts';
import { readContainers } from '../../../../src/core/inject/containers.ts';

function read(
  lists: Readonly<Record<string, string>>,
  things: readonly (string | undefined)[] = ['db', 'tls'],
) {
  const reports: string[] = [];
  const asked = Object.entries(lists).map(
    ([argument, value]): Asked => ({
      key: argument === '' ? 'containers' : `containers.${argument}`,
      name: 'containers',
      argument: argument === '' ? undefined : argument,
      purpose: 'request',
      value,
    }),
  );
  const containers = readContainers(asked, things, (key, message) => reports.push(`${key}: ${message}`));
  return { containers, reports };
}

describe('the containers that get the files', () => {
  it.each([
    ['are not chosen', {}, undefined],
    ['are named for all', { '': 'api, worker' }, ['api', 'worker']],
    ['are named for each alike', { db: 'api,worker', tls: 'worker,api' }, ['api', 'worker']],
    ['are named for all, and again for one', { '': 'api', db: 'api' }, ['api']],
  ])('%s', (_, lists, want) => {
    expect(read(lists)).toEqual({ containers: want, reports: [] });
  });

  it('may not be others for one credential than for another, which is told at that credential', () => {
    const { reports } = read({ '': 'api', db: 'worker' });

    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(/^containers\.db: .*not supported/);
    expect(read({ db: 'a,b', tls: 'ab' }).reports).toHaveLength(2);
  });

  it('may not be named for a credential that is not there', () => {
    expect(read({ ssh: 'api' }).reports).toEqual([
      'containers.ssh: there is no credential ssh; add countersign.dev/credential.<name>: <Vault path>',
    ]);
  });

  const EXPECTED = 'containers: expected names of containers, separated by commas, at most 500';
  it.each([
    ['a capital', 'Api', EXPECTED],
    ['a dash before', '-api', EXPECTED],
    ['a dash behind', 'api-', EXPECTED],
    ['nothing between commas', 'api,,worker', EXPECTED],
    ['a name of 64 letters', 'a'.repeat(64), EXPECTED],
    ['more than 500 names', Array.from({ length: 501 }, (_, at) => `c${at}`).join(), EXPECTED],
    ['one of them twice', 'api,api', 'containers: names a container twice'],
    [
      'our own',
      'countersign-init,countersign-agent',
      "containers: countersign-init, countersign-agent is Countersign's own container",
    ],
  ])('may not hold %s', (_, value, report) => {
    expect(read({ '': value }).reports).toEqual([report]);
  });

  it('may be five hundred, of 63 letters each', () => {
    const names = Array.from({ length: 500 }, (_, at) => `c${at}`.padEnd(63, 'x'));

    expect(read({ '': names.join() })).toEqual({ containers: names, reports: [] });
  });
});
