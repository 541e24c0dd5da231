/** What tests under load print of it: how many calls were lost, to whom, and within which time. */
import type { LoadResult, Loss } from './chart-load.ts';

const LOSSES: Readonly<Record<Loss, string>> = {
  APIServer: 'no API server',
  Webhook: 'no answer',
  NotInjected: 'not injected, refused',
  Other: 'other',
};

export function lossTable(rows: Readonly<Record<string, LoadResult>>): string {
  const head = ['under load', 'calls', 'per second', ...Object.values(LOSSES), 'lost within', 'uninjected'];
  const lines = [
    head,
    head.map(() => '---'),
    ...Object.entries(rows).map((row) => [row[0], ...cells(row[1])]),
  ];
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}

function cells({ calls, perSecond, failures, uninjected }: LoadResult): readonly string[] {
  const times = failures.map(({ at }) => at);
  const within = times.length === 0 ? '' : `${(Math.max(...times) - Math.min(...times)) / 1000} s`;
  const counts = Object.keys(LOSSES).map(
    (loss) => failures.filter((failure) => failure.loss === loss).length,
  );
  return [calls, perSecond, ...counts, within, uninjected].map(String);
}
