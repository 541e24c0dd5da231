import { policyStatus, problemText } from '../api/policy-status.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../core/json.ts';
import { listPages } from '../kube/list.ts';
import { unless } from '../kube/refusal.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

const COLLECTION = '/apis/countersign.dev/v1alpha1/scopepolicies';
const MOST_PROBLEMS = 3;

/** Is each policy valid, and does it do what it says? */
export const policies: Check<readonly JsonObject[]> = {
  name: 'policies',
  async ask({ client }) {
    const all = async () => {
      const found: JsonObject[] = [];
      for await (const { items } of listPages(client, COLLECTION)) found.push(...items.map(objectOf));
      return found;
    };
    // Without the CRD there are none, and another line says so.
    return (await unless([404], all())) ?? [];
  },
  judge(asked) {
    if (asked.length === 0) {
      return [
        warn(
          'there is no ScopePolicy: workloads are warned of and never refused',
          'begin with one that only watches: kubectl apply -f manifests/policies/observe.yaml',
        ),
      ];
    }
    const findings = asked.map(judged);
    const valid = findings.filter(({ state }) => state === 'ok').length;
    return valid === asked.length
      ? [ok(valid === 1 ? 'the ScopePolicy is valid' : `all ${valid} ScopePolicies are valid`)]
      : findings.filter(({ state }) => state !== 'ok');
  },
};

function judged(item: JsonObject): Finding {
  const name = textOf(objectOf(item['metadata'])['name']) ?? '';
  // Items of a list name neither kind nor apiVersion, by which a policy is read.
  const object = { ...item, apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy' };
  const { state, problems } = policyStatus(object);
  if (state !== 'valid') {
    const counts = state === 'lastValid' ? 'its last valid version counts' : 'it has no effect';
    const said = problems.slice(0, MOST_PROBLEMS).map(problemText).join('; ');
    const more = problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : '';
    return fail(
      `ScopePolicy ${name} is not valid, so ${counts}: ${said}${more}`,
      `mend it: kubectl edit scopepolicy ${name}`,
    );
  }
  const enforced = listOf(objectOf(item['status'])['conditions'])
    .map(objectOf)
    .find(({ type }) => type === 'Enforced');
  if (enforced?.['status'] === 'False') {
    return warn(
      `ScopePolicy ${name} is not enforced everywhere: ${textOf(enforced['message']) ?? ''}`,
      'label the namespaces in which it shall refuse: kubectl label namespace NAME countersign.dev/enforce=true',
    );
  }
  return ok(`ScopePolicy ${name} is valid`);
}
