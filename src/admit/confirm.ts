import { type LiveQuestions, questionsOf } from '../core/verdict/live.ts';
import type { Judgement, LiveFacts } from './judge.ts';
import type { LiveTruth } from './ports.ts';

/**
 * The live truth before a denial. The very same judgement is made again on what the API server itself says; a finding that
 * it did not answer is undetermined, and one that it confirmed stays proved.
 */
export async function confirmDenial(
  judgement: Judgement,
  again: (live: LiveFacts) => Judgement,
  live: LiveTruth | undefined,
  deadline: AbortSignal,
): Promise<Judgement> {
  if (live === undefined || judgement.decision.outcome !== 'deny') return judgement;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LIVE_MS);
  try {
    const signal = AbortSignal.any([deadline, stop.signal]);
    return again(await ask(judgement, questionsOf(judgement.decision, judgement.verdict), live, signal));
  } finally {
    clearTimeout(timer);
  }
}

/** Leaves room for the answer even in the shortest registration (2 s). */
const LIVE_MS = 1000;

async function ask(
  { workload: { account }, policy, login, decision }: Judgement,
  { scopes, vias, checks, vault }: LiveQuestions,
  live: LiveTruth,
  signal: AbortSignal,
): Promise<LiveFacts> {
  const shared =
    policy.sharedAccounts === 'Union' && decision.findings.some(({ check }) => check === 'excess');
  const waivable = policy.grants.mayWaive.filter((check) => checks.includes(check));
  const [answers, overlays, pods, held, grants] = await Promise.all([
    Promise.all(scopes.map(async (scope) => ({ scope, allowed: await live.allows(account, scope, signal) }))),
    Promise.all(vias.map((via) => live.reread(via, signal))),
    shared ? live.pods(account, signal) : [],
    vault ? live.vault(account, signal, login) : undefined,
    waivable.length > 0 ? live.grants(account, signal) : [],
  ]);
  const read = overlays.filter((overlay) => overlay !== undefined);
  return {
    allowed: answers.filter(({ allowed }) => allowed === true).map(({ scope }) => scope),
    refused: answers.filter(({ allowed }) => allowed === false).map(({ scope }) => scope),
    overlay: {
      roles: new Map(read.flatMap(({ roles }) => [...roles])),
      bindings: new Map(read.flatMap(({ bindings }) => [...bindings])),
    },
    pods,
    vault: held,
    // Unread, those that the watch knows decide: whoever may ask for grants must not loosen a refusal by asking for many.
    grants: grants ?? [],
  };
}
