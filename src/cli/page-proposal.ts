import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';
import type { StoredDenial } from '../desk/desk.ts';
import type { KubeClient } from '../kube/client.ts';
import type { AccessQuestion } from './access.ts';
import { fixesFor, sightOf } from './fix-denial.ts';
import { fixYaml } from './fix-report.ts';

/** What `countersign fix ID -o yaml` prints, for the page. */
export async function proposalFor(
  client: KubeClient,
  denial: StoredDenial,
  question: Pick<AccessQuestion, 'nowMs' | 'vault'>,
): Promise<string> {
  const sight = await sightOf(denial, client, question);
  const { survey } = sight;
  if (survey.partial) {
    const why = 'without them a fix could give too much: ask somebody who may read them';
    throw new CountersignError('ERR_DESK_REFUSED', [...survey.incomplete, why].join('\n'));
  }
  const text = fixYaml(fixesFor(denial, sight));
  const notes = (survey.vault?.incomplete ?? []).map((line) => `# not read: ${shown(line, 1000)}`);
  return [...notes, text === '' ? '# Nothing is to be changed, as the cluster is now.' : text].join('\n');
}
