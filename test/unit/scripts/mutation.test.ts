import { expect, it } from 'vitest';
import { mutationPage } from '../../../scripts/mutation/page.ts';

const of = (...statuses: readonly string[]) => ({ mutants: statuses.map((status) => ({ status })) });

it('scores each folder, what cannot be run apart', () => {
  const files = {
    'src/core/scope/parse.ts': of('Killed', 'Survived', 'CompileError'),
    'src/core/json.ts': of('Killed', 'Timeout', 'NoCoverage', 'Killed'),
    'src/core/scope/print.ts': of('Killed', 'Killed', 'RuntimeError', 'Ignored'),
  };

  const page = mutationPage({ files }, new Date('2026-11-24T03:00:00Z'));

  expect(
    page
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1),
  ).toEqual([
    '| src/core | 4 | 3 | 0 | 1 | 75.0 % |',
    '| src/core/scope | 4 | 3 | 1 | 0 | 75.0 % |',
    '| all | 8 | 6 | 1 | 1 | 75.0 % |',
  ]);
  expect(page).toContain('As of 2026-11-24:');
});
