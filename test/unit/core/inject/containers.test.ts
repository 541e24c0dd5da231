import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../../src/core/inject/annotations.ts';
import { fileContainers, readContainers, type Thing } from '../../../../src/core/inject/containers.ts';

const P = 'countersign.dev/';

function read(lists: Readonly<Record<string, string>>, things: readonly Thing[] = ['db', 'tls']) {
  const reports: string[] = [];
  const report = (key: string, message: string) => void reports.push(`${key}: ${message}`);
  const asked = Object.entries(lists).map(
    ([argument, value]): Asked => ({
      key: argument === '' ? `${P}containers` : `${P}containers.${argument}`,
      name: 'containers',
      argument: argument === '' ? undefined : argument,
      purpose: 'request',
      value,
    }),
  );
  const choice = readContainers(asked, ['db', 'tls'], report);
  const files = fileContainers(choice, things, report);
  return { choice, containers: files && [...files], reports };
}

describe('the containers that get the files', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[] | undefined]>([
    ['are not chosen', {}, undefined],
    ['are named for all', { '': 'api, worker' }, ['api', 'worker']],
    ['are named for each alike', { db: 'api,worker', tls: 'worker,api' }, ['api', 'worker']],
    ['are named for all, and again for one', { '': 'api', db: 'api' }, ['api']],
  ])('%s', (_, lists, want) => {
    expect(read(lists)).toMatchObject({ containers: want, reports: [] });
  });

  it('may not be others for one credential than for another, which is told at that credential', () => {
    const { reports } = read({ '': 'api', db: 'worker' });

    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(
      /^countersign\.dev\/containers\.db: all files of a pod go to the same containers, .*env\.<VAR>$/,
    );
    expect(read({ db: 'a,b', tls: 'ab' }).reports).toHaveLength(2);
  });

  it('may not be named for a credential that is not there', () => {
    expect(read({ ssh: 'api' }).reports).toEqual([
      'countersign.dev/containers.ssh: there is no credential ssh; add countersign.dev/credential.<name>: <Vault path>',
    ]);
  });

  const EXPECTED =
    'countersign.dev/containers: expected names of containers, separated by commas, at most 500';
  it.each([
    ['a capital', 'Api', EXPECTED],
    ['a dash before', '-api', EXPECTED],
    ['a dash behind', 'api-', EXPECTED],
    ['nothing between commas', 'api,,worker', EXPECTED],
    ['a name of 64 letters', 'a'.repeat(64), EXPECTED],
    ['more than 500 names', Array.from({ length: 501 }, (_, at) => `c${at}`).join(), EXPECTED],
    ['one of them twice', 'api,api', 'countersign.dev/containers: names a container twice'],
    [
      'our own',
      'countersign-init,countersign-agent',
      "countersign.dev/containers: countersign-init, countersign-agent is Countersign's own container",
    ],
  ])('may not hold %s', (_, value, report) => {
    expect(read({ '': value }).reports).toEqual([report]);
  });

  it('may be five hundred, of 63 letters each', () => {
    const names = Array.from({ length: 500 }, (_, at) => `c${at}`.padEnd(63, 'x'));

    expect(read({ '': names.join() })).toMatchObject({ containers: names, reports: [] });
  });

  it('may be others for a credential that is in no file', () => {
    const { choice, containers, reports } = read({ '': 'api', db: 'worker' }, ['tls']);

    expect([containers, choice.of('db'), reports]).toEqual([['api'], new Set(['worker']), []]);
  });
});
