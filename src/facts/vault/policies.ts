import { shown } from '../../core/text.ts';
import type { PolicyText } from '../../core/vault/policy.ts';
import { parseVaultPolicy } from '../../core/vault/policy-parse.ts';
import { failureOfOne } from './failure.ts';
import type { VaultQuestions } from './questions.ts';

/** A policy by its name: a login may name one that is not there, which grants nothing. */
export type KnownPolicy =
  | { readonly kind: 'rules'; readonly policy: PolicyText }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unread'; readonly why: string };

export const ABSENT: KnownPolicy = { kind: 'absent' };

function policyOf(name: string, text: string): KnownPolicy {
  const { rules, problems } = parseVaultPolicy(text);
  const [first] = problems;
  if (first === undefined) return { kind: 'rules', policy: { name, rules } };
  return { kind: 'unread', why: `policy ${shown(name)}, line ${first.line}: ${first.message}` };
}

/** @throws where Vault as a whole does not answer */
export async function readPolicy(
  questions: Pick<VaultQuestions, 'policy'>,
  name: string,
  signal: AbortSignal,
): Promise<KnownPolicy> {
  try {
    const text = await questions.policy(name, signal);
    return text === undefined ? ABSENT : policyOf(name, text);
  } catch (error) {
    return { kind: 'unread', why: `policy ${shown(name)}: ${failureOfOne(error).why}` };
  }
}
