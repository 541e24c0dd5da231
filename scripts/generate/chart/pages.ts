import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { BREAK_GLASS, CONTROLLER_NAMES, CONTROLLERS, REGISTRATIONS } from '../../../src/api/registration.ts';
import { crdPages } from '../crd.ts';
import type { Page } from '../page.ts';
import { readmeOf } from './readme.ts';
import { VALUES } from './values.ts';
import { valuesFile } from './values-file.ts';

/** The generated files of the chart. A chart reads nothing outside its folder, so what others own is copied into it. */

const CHART = 'charts/countersign';
const VALUES_SOURCE = 'scripts/generate/chart/values.ts and src/api/config.ts';
const RBAC = 'manifests/rbac.yaml';

const valuesSchemaPage: Page = {
  name: 'values-schema',
  path: `${CHART}/values.schema.json`,
  source: VALUES_SOURCE,
  render: () => ({
    body: `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...VALUES }, null, 2)}\n`,
  }),
};

const valuesPage: Page = {
  name: 'values',
  path: `${CHART}/values.yaml`,
  source: VALUES_SOURCE,
  render: () => ({ body: `${valuesFile(VALUES).trimEnd()}\n` }),
};

const readmePage: Page = {
  name: 'chart-readme',
  path: `${CHART}/README.md`,
  source: VALUES_SOURCE,
  render: () => ({ body: readmeOf(VALUES) }),
};

const registrationPage: Page = {
  name: 'chart-registration',
  path: `${CHART}/files/registration.yaml`,
  source: 'src/api/registration.ts',
  render: () => ({
    body: stringify(
      {
        registrations: REGISTRATIONS,
        breakGlass: BREAK_GLASS,
        controllers: CONTROLLER_NAMES,
        controllersPlaceholder: CONTROLLERS,
      },
      { aliasDuplicateObjects: false, lineWidth: 0 },
    ),
  }),
};

const rbacPage: Page = {
  name: 'chart-rbac',
  path: `${CHART}/templates/rbac.yaml`,
  source: RBAC,
  render: () => ({ body: asTemplate(readFileSync(new URL(`../../../${RBAC}`, import.meta.url), 'utf8')) }),
};

const crdCopies = crdPages.map(
  (crd): Page => ({
    ...crd,
    name: `chart-${crd.name}`,
    path: `${CHART}/files/${crd.path.replace(/^manifests\//u, '')}`,
  }),
);

export const chartPages: readonly Page[] = [
  valuesSchemaPage,
  valuesPage,
  readmePage,
  registrationPage,
  rbacPage,
  ...crdCopies,
];

const LABELS = '  labels:\n    {{- include "countersign.labels" . | nindent 4 }}\n';

/** The manifests with the release's namespace and labels; the namespace itself is Helm's. */
export function asTemplate(manifests: string): string {
  return manifests
    .split(/^---\n/mu)
    .filter((document) => !/^kind: Namespace$/mu.test(document))
    .map((document) =>
      document
        .replaceAll(/^(\s*)namespace: countersign$/gmu, '$1namespace: {{ .Release.Namespace }}')
        .replace(/^metadata:\n {2}name: countersign\S*\n/mu, (metadata) => `${metadata}${LABELS}`)
        .replace(
          /^ {2}annotations:\n/mu,
          (annotations) =>
            `${annotations}    {{- with .Values.serviceAccount.annotations }}\n    {{- toYaml . | nindent 4 }}\n    {{- end }}\n`,
        ),
    )
    .join('---\n');
}
