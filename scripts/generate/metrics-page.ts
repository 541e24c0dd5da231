import { type LabelValues, METRICS, type MetricEntry } from '../../src/telemetry/metric-table.ts';
import type { Page } from './page.ts';

export const metricsPage: Page = {
  name: 'metrics',
  path: 'docs/reference/metrics.md',
  source: 'src/telemetry/metric-table.ts',
  render: () => ({ body: [INTRODUCTION, ...Object.values(METRICS).map(sectionOf)].join('\n') }),
};

const INTRODUCTION = `# Metrics

\`GET /metrics\` on the port of operations (9090), in plain HTTP, in the text format of Prometheus. Every label has a small
closed set of values: nothing that a request says becomes one, so the number of series does not grow with what is asked.
Beside these come those of the process and of Node.js, \`process_*\` and \`nodejs_*\`. A gauge is absent where it has nothing to
say: on a laptop without a cluster nobody leads.
`;

function sectionOf({ name, type, help, labels = {}, buckets }: MetricEntry): string {
  const lines = [`## \`${name}\``, '', `${type}. ${help}`, ''];
  const more = Object.entries(labels).map(([label, values]) => `- \`${label}\`: ${valuesText(values)}`);
  if (buckets !== undefined) more.push(`- buckets up to ${buckets.map((bound) => `${bound}`).join(', ')}`);
  return [...lines, ...more, ...(more.length > 0 ? [''] : [])].join('\n');
}

function valuesText(values: LabelValues): string {
  return 'from' in values ? values.from : values.map((value) => `\`${value}\``).join(', ');
}
