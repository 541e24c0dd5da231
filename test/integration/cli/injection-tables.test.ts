import { describe, expect, it } from 'vitest';
import { PREFIX, readKey, unknownKey } from '../../../src/core/inject/annotations.ts';
import { objectOf } from '../../../src/core/json.ts';
import { REASONS } from '../../../src/core/verdict/reasons.ts';
import { readInjectionPage, rowsOf } from '../../support/injection-page.ts';
import { admit, settingsOfPage } from '../../support/injection-page-admission.ts';
import { refusedPod, refusedPods } from '../../support/injection-page-refusals.ts';

/** The tables at the end of docs/injection.md are what the code knows. */

const page = await readInjectionPage();
const settings = await settingsOfPage(page.config);
const linesOfPage = rowsOf(page, '### Single lines').map(([line = '']) => line.slice(1, -1));

describe('the annotations in the page about injection', () => {
  it('are in the table, all that there are and no other', () => {
    const [, all = ''] = unknownKey(`${PREFIX}zzzzzzzzzz`).split('known are ');

    expect(rowsOf(page, '## 12. All annotations').map(([name]) => name)).toEqual(
      expect.arrayContaining(all.split(', ').map((name) => `\`${name}\``)),
    );
    expect(rowsOf(page, '## 12. All annotations')).toHaveLength(all.split(', ').length);
  });

  it('exist, wherever one is named', () => {
    const mistaken = new Set(
      page.examples
        .filter((example) => example.refused)
        .flatMap(({ workload }) =>
          Object.keys(objectOf(objectOf(workload['metadata'])['annotations'])).filter(
            (key) => readKey(key) === undefined,
          ),
        ),
    );
    // Neither a label nor the folder of the files nor an API group.
    const keys = /(?<!secrets\/)countersign\.dev\/(?!enforce=|v1alpha1)[a-z-]+(?:\.[\w<>.-]*[\w>])?/gu;
    const named = [...page.text.matchAll(keys)].map(([key]) => key);

    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((key) => !mistaken.has(key) && readKey(key) === undefined)).toEqual([]);
  });
});

describe('the refusals in the page about injection', () => {
  it('are those of pods that ask', () => {
    const sentences = rowsOf(page, '## 13. All refusals').map(([cell = '']) => cell.replaceAll('`', ''));
    const codes = [
      'DeclarationInvalid',
      'InjectionInvalid',
      'PolicyRefusesInjection',
      'NotInjected',
      'InjectionAltered',
      'MirrorPod',
    ] as const;

    expect(sentences).toEqual(codes.map((code) => REASONS[code].sentence));
  });

  it.each(refusedPods.map((pod, at) => [linesOfPage[at] ?? '', pod] as const))(
    'say: %s',
    async (line, pod) => {
      const { message } = await admit(settings, { around: [] }, 'inject', refusedPod(pod));

      expect(message.split('\n').filter((one) => one.startsWith('  '))).toEqual([`  ${line}`]);
      expect(linesOfPage).toHaveLength(refusedPods.length);
    },
  );
});
