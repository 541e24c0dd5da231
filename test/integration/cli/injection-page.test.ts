import { describe, expect, it } from 'vitest';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { nameOf, readInjectionPage, rowsOf } from '../../support/injection-page.ts';
import {
  admit,
  deploymentOf,
  podOfWorkload,
  settingsOfPage,
} from '../../support/injection-page-admission.ts';

/** What docs/injection.md shows is what admission does. */

const page = await readInjectionPage();
const settings = await settingsOfPage(page.config);
const titled = page.examples.map((example) => [example.title, example] as const);
const taken = titled.filter(([, { refused }]) => !refused);
const refused = titled.filter(([, example]) => example.refused);

const ADDED =
  '## 9. Does it work in restricted namespaces, with quotas, on OpenShift? What is added to my pod?';

async function injected(name: string): Promise<JsonObject> {
  const example = page.examples.find(({ workload }) => nameOf(workload) === name);
  if (example === undefined) throw new Error(`no example ${name}`);
  return objectOf((await admit(settings, example, 'inject', example.workload)).object['spec']);
}

describe('the page about injection', () => {
  it('answers with manifests and with refusals', () => {
    expect(taken.length).toBeGreaterThan(12);
    expect(refused.length).toBeGreaterThan(10);
    expect(new Set(titled.map(([title]) => title)).size).toBe(titled.length);
  });

  it.each(taken)('has a manifest in %s whose pod is injected without a finding', async (_, example) => {
    const pod = podOfWorkload(example.workload);
    const mutated = await admit(settings, example, 'inject', pod);

    expect(mutated).toMatchObject({ allowed: true, warnings: undefined, message: '' });
    expect(JSON.stringify(mutated.object)).toContain('countersign-init');
    expect(await admit(settings, example, 'injected', mutated.object)).toEqual(mutated);
    expect(await admit(settings, example, 'change', example.workload)).toMatchObject({
      allowed: true,
      message: '',
    });
  });

  it.each(refused)('shows in %s the message with which it is refused', async (_, example) => {
    const mutated = await admit(settings, example, 'inject', example.workload);
    const validated = await admit(settings, example, 'injected', mutated.object);

    expect(validated).toEqual({
      allowed: false,
      warnings: undefined,
      message: example.shown,
      object: example.workload,
    });
    expect(['', example.shown]).toContain(mutated.message);
    // In the template of a Deployment the same is said when that is applied.
    const changed = await admit(settings, example, 'change', deploymentOf(example.workload));
    expect(changed.message.split('\n').slice(1)).toEqual(mutated.message.split('\n').slice(1));
  });
});

describe('what it says is added', () => {
  it('is what is added, with its sizes', async () => {
    const spec = await injected('cart-restricted');
    const volumes = listOf(spec['volumes'])
      .map(objectOf)
      .map((volume) => {
        const { medium, sizeLimit } = objectOf(volume['emptyDir']);
        return {
          name: `volume \`${textOf(volume['name'])}\``,
          is: medium === 'Memory' ? `memory, ${textOf(sizeLimit)}: ` : '',
        };
      });
    const containers = listOf(spec['initContainers'])
      .map(objectOf)
      .map(({ name }) => ({ name: `init container \`${textOf(name)}\``, is: '' }));
    const rows = rowsOf(page, ADDED).map(([name = '', is = '']) => ({
      name,
      is: /^memory, \w+: /u.exec(is)?.[0] ?? '',
    }));

    expect(rows.slice(0, -2)).toEqual([...volumes, ...containers]);
  });

  it('has the amounts of the configuration', () => {
    const { requests, limits } = settings.resources;

    expect(page.text.replaceAll(/\s+/gu, ' ')).toContain(
      `Each requests ${requests.cpu} and ${requests.memory} with a limit of ${limits.memory} and no limit of cpu`,
    );
    expect(limits.cpu).toBeUndefined();
  });

  it('stands in the order that it says', async () => {
    const names = listOf((await injected('cart-mesh'))['initContainers']).map(
      (one) => `\`${textOf(objectOf(one)['name'])}\``,
    );

    expect(page.text).toContain(`The init containers of this pod are then ${names.join(', ')}.`);
  });
});
