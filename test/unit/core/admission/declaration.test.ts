import { describe, expect, it } from 'vitest';
import { declarationOf, misplaced } from '../../../../src/core/admission/declaration.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { TEST_RESOURCES } from '../../../support/resources.ts';
import { workload } from '../../../support/workload.ts';

const NEEDS = 'countersign.dev/needs';
const CREDENTIAL = {
  'countersign.dev/inject': 'true',
  'countersign.dev/credential.db': 'database/creds/x',
  'countersign.dev/file.db': 'db',
};

function declared(annotations: Readonly<Record<string, string>>, accountNeeds?: string) {
  const declaration = declarationOf(annotations, accountNeeds, {
    namespace: 'shop',
    resources: TEST_RESOURCES,
  });
  return { ...declaration, needs: declaration.needs.map(printScope) };
}

describe('what a workload declares', () => {
  it.each<[string, Record<string, string>, string | undefined, boolean, string[]]>([
    ['nothing', {}, undefined, false, []],
    ['what its template says', { [NEEDS]: 'get pods' }, undefined, true, ['get pods in shop']],
    ['what its account says', {}, 'get pods', true, ['get pods in shop']],
    [
      'the template’s word before the account’s',
      { [NEEDS]: 'get pods' },
      'get secrets',
      true,
      ['get pods in shop'],
    ],
    ['an empty word too', { [NEEDS]: '' }, 'get secrets', true, []],
    ['an empty word of its account', {}, '', true, []],
  ])('is %s', (_, annotations, accountNeeds, isDeclared, needs) => {
    const declaration = declared(annotations, accountNeeds);

    expect(declaration).toMatchObject({ declared: isDeclared, needs, problems: [], notes: [] });
  });

  it('has what its credentials imply as well, which alone declares nothing', () => {
    expect(declared(CREDENTIAL)).toMatchObject({ declared: false, needs: ['vault read database/creds/x'] });
    expect(declared({ ...CREDENTIAL, [NEEDS]: 'get pods' })).toMatchObject({
      declared: true,
      needs: ['get pods in shop', 'vault read database/creds/x'],
    });
    expect(declared(CREDENTIAL).injection?.credentials).toHaveLength(1);
  });

  it.each([
    ['template', { [NEEDS]: 'get pods\nfly' }, undefined, NEEDS],
    ['account', {}, 'get pods\nfly', `${NEEDS} (serviceaccount)`],
  ])('has its mistakes told with where they stand: on the %s', (_, annotations, accountNeeds, field) => {
    const { problems, needs } = declared(annotations, accountNeeds);

    expect(problems).toEqual([expect.objectContaining({ field, line: 2 })]);
    expect(problems[0]?.message).toMatch(/^expected a resource/);
    expect(needs).toEqual(['get pods in shop']);
  });

  it('has the mistakes of its annotations told as well', () => {
    expect(
      declared({ 'countersign.dev/fly': 'x', [NEEDS]: 'fly' }).problems.map(({ field }) => field),
    ).toEqual([NEEDS, 'countersign.dev/fly']);
  });

  it('is noted where it may not mean what it says', () => {
    const [note] = declared({ [NEEDS]: 'get pods\nget podz' }).notes;

    expect(note).toMatch(/^countersign\.dev\/needs, line 2: .*podz/);
  });

  it('is read up to a length that no author reaches, and not at all beyond it', () => {
    const most = `get pods\n${'#'.repeat(32_768 - 'get pods\n'.length)}`;

    expect(declared({ [NEEDS]: most })).toMatchObject({ needs: ['get pods in shop'], problems: [] });
    expect(declared({ [NEEDS]: `${most}#` })).toMatchObject({
      declared: true,
      needs: [],
      problems: [{ field: NEEDS, message: 'expected at most 32768 characters' }],
    });
  });
});

describe('an annotation of ours on the workload itself', () => {
  const annotations = {
    [NEEDS]: 'get pods',
    'countersign.dev/break-glass': 'T-1',
    'example.com/countersign.dev/': 'x',
    other: 'x',
  };

  it('is a mistake that names the template, break-glass apart', () => {
    expect(misplaced(workload({ metadata: { annotations } }))).toEqual([
      {
        field: `metadata.annotations[${NEEDS}]`,
        message: 'belongs on the pod template (spec.template.metadata.annotations)',
      },
    ]);
  });

  it('is where it belongs on a pod', () => {
    expect(misplaced(workload({ kind: 'Pod', annotations }))).toEqual([]);
  });
});
