import type { AdmissionRequest } from '../core/admission/review.ts';
import type { Workload } from '../core/admission/workload.ts';
import type { WrappedIssuance } from '../core/inject/issuance.ts';
import { toPatch } from '../core/inject/patch.ts';
import { shown } from '../core/text.ts';
import { ALLOW, type Answer } from './answer.ts';
import type { Admission, Deciding } from './handler.ts';
import { type Given, planFor, type Wish } from './injection.ts';
import type { MintOutcome } from './ports.ts';
import { validate } from './validate.ts';

/** A pod whose injection is possible, but for the token that it is to be given. */
export interface WrappedWish {
  readonly request: AdmissionRequest;
  readonly wish: Wish;
  readonly issuance: WrappedIssuance;
}

/**
 * Gives the pod a token, when everything else is decided: a pod that would be refused gets none, and is left to those who
 * refuse it. Without a token it logs in, where the policy lets it; else it is left alone, and `injected` refuses it.
 */
export async function mutateWrapped(
  wrapped: WrappedWish,
  admission: Deciding,
  deadline: AbortSignal,
): Promise<Answer> {
  const { request, wish, issuance } = wrapped;
  const { account } = wish.workload;
  const verdict = await validate(request, admission, deadline);
  if (verdict.verdict === 'deny') {
    const [reason = ''] = verdict.refusal?.message.split('\n') ?? [];
    return { ...ALLOW, account, codes: verdict.codes, warnings: [`no Vault token: ${shown(reason, 200)}`] };
  }
  const outcome = await mint(wrapped, admission, deadline);
  if (outcome.kind === 'minted') return patched(wish, admission, { minted: outcome.minted });
  const why = `no wrapped token of Vault (connection ${wish.injection.vault}): ${shown(outcome.why, 150)}`;
  const missed = { codes: ['NotMinted'] as const, warnings: [why] };
  if (issuance.fallback === 'none') return { ...ALLOW, account, ...missed };
  return { ...patched(wish, admission, { issuance: { kind: 'login' } }), ...missed };
}

function patched(wish: Wish, admission: Admission, given: Given): Answer {
  const { account } = wish.workload;
  const planned = planFor(wish, admission, given);
  return planned.outcome === 'planned'
    ? { ...ALLOW, account, patch: toPatch(planned.plan, wish.pod) }
    : { ...ALLOW, account };
}

/** Whatever the API server would wait: the pod waits for it, and a scheduler for the pod. */
const MINT_MS = 2000;

async function mint(
  { wish: { workload, injection }, issuance }: WrappedWish,
  { minter }: Admission,
  deadline: AbortSignal,
): Promise<MintOutcome> {
  if (minter === undefined) return { kind: 'failed', why: 'injection.wrapped is not configured' };
  const { account, controller } = workload;
  if (!minter.admits(ownerKey(workload))) {
    return { kind: 'failed', why: 'its owner has had as many as it may in this time' };
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), MINT_MS);
  try {
    const { tokenRole } = issuance;
    const owner = controller === undefined ? '' : `${controller.kind}/${controller.name}`;
    const wanted = { vault: injection.vault, tokenRole, account, owner };
    return await minter.mint(wanted, AbortSignal.any([deadline, stop.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** A controller that makes pods for ever, since each is refused behind us, gets no token for ever. */
function ownerKey({ controller, account }: Workload): string {
  return controller?.uid ?? `${account.namespace}/${account.name}`;
}
