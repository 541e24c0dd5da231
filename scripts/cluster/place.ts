/** What the processes in a sandbox know of it. */
import { objectOf, textOf } from '../../src/core/json.ts';

/** Of the node, in a network that nobody else has. */
export const nodeAddress = '10.244.255.1';

export const sandboxVariable = 'COUNTERSIGN_SANDBOX';

export interface SandboxPlace {
  /** The path, in every hierarchy, of the control group that the pods' control groups are made in. */
  readonly controlGroup: string;
}

/** `undefined` when this process runs outside of every sandbox. */
export function ownControlGroup(): string | undefined {
  const text = process.env[sandboxVariable];
  return textOf(objectOf(text === undefined ? {} : JSON.parse(text))['controlGroup']);
}

/** Throws when this process runs outside. */
export function sandboxPlace(): SandboxPlace {
  const controlGroup = ownControlGroup();
  if (controlGroup === undefined) {
    throw new Error('a node runs in a sandbox only: start it by npm run test:node, or runInSandbox');
  }
  return { controlGroup };
}
