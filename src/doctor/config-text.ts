import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.ts';
import { objectOf, textMapOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { refusalOf, unless } from '../kube/refusal.ts';
import { RELEASE } from './check.ts';

/** The configuration file of the release: a file at hand, or the ConfigMap that the pods mount. */
export interface ConfigText {
  /** For messages. */
  readonly from: string;
  /** `undefined`: it is not there, or must not be read. */
  readonly text: string | undefined;
  readonly why?: 'absent' | 'refused';
  /** Files that it names are at hand too. */
  readonly local: boolean;
}

const KEY = 'config.yaml';

/** @throws CountersignError `ERR_CONFIG` for a file that cannot be read */
export async function readConfigText(
  client: KubeClient,
  namespace: string,
  file: string | undefined,
): Promise<ConfigText> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new CountersignError('ERR_CONFIG', `${file}: cannot be read (${error.code ?? error.name})`);
    });
    return { from: file, text, local: true };
  }
  const from = `ConfigMap ${namespace}/${RELEASE}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${RELEASE}`;
  try {
    const text = textMapOf(objectOf(await unless([404], client.get(path)))['data'])[KEY];
    return { from, text, local: false, ...(text === undefined && { why: 'absent' }) };
  } catch (error) {
    if (refusalOf(error)?.code !== 403) throw error;
    return { from, text: undefined, why: 'refused', local: false };
  }
}
