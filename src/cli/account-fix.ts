import type { JudgedAccount } from '../admit/by-account.ts';
import { fixOf, type RbacObjects } from '../core/verdict/fix.ts';
import type { AccountFix } from './fix-report.ts';

/** The fix for one account, whichever facts it was judged on. */
export function accountFix(judged: JudgedAccount, objects: RbacObjects): AccountFix {
  const { account, judgements } = judged;
  const { advice, ...changes } = fixOf({ ...judged, objects });
  const unread = judgements.some(({ problems }) => problems.length > 0)
    ? [{ kind: 'refused', text: 'a declaration cannot be read: countersign check says where' } as const]
    : [];
  return {
    account,
    workloads: judgements.map(({ workload }) => workload),
    fix: { ...changes, advice: [...unread, ...advice] },
  };
}
