import { counted, shown } from '../core/text.ts';
import type { StoredDenial } from '../desk/desk.ts';
import { Pill, Via } from './parts.tsx';

type Finding = StoredDenial['spec']['findings'][number];

/** In the order in which they are acted on. */
const CHECKS: readonly (readonly [check: string, title: string])[] = [
  ['request', 'Asked for in a way that can’t be taken'],
  ['forbidden', 'Declared, but never allowed'],
  ['overreach', 'Declared, but more than the policy allows'],
  ['undeclared', 'Scopes are not declared'],
  ['missing', 'Needed, but not held'],
  ['excess', 'Held, but not needed'],
];

export function Findings({
  findings,
  more,
}: {
  readonly findings: readonly Finding[];
  readonly more: number;
}) {
  const groups = Map.groupBy(findings, ({ check }) => check);
  const known = CHECKS.filter(([check]) => groups.has(check));
  const others = [...groups.keys()].filter((check) => !CHECKS.some(([name]) => name === check));
  return (
    <>
      {[...known, ...others.map((check) => [check, check] as const)].map(([check, title]) => (
        <section key={check}>
          <h3>
            {shown(title, 60)} <span class="count">{groups.get(check)?.length}</span>
          </h3>
          <ul class="findings">
            {groups.get(check)?.map((finding, at) => (
              <Line key={at} finding={finding} />
            ))}
          </ul>
        </section>
      ))}
      {more > 0 && (
        <p class="muted">And {counted(more, 'finding')} more: kubectl countersign explain lists them.</p>
      )}
    </>
  );
}

function Line({ finding }: { readonly finding: Finding }) {
  const { scope, risk, why, via, detail, reason, action, undetermined } = finding;
  return (
    <li>
      <div class="line">
        {risk !== undefined && <Pill kind="risk" value={risk} />}
        <code class="scope">{shown(scope ?? reason, 512)}</code>
        {action === 'Warn' && <span class="tag">warning only</span>}
        {undetermined && <span class="tag">could not be proved</span>}
      </div>
      {why !== undefined && <p class="why">{shown(why, 512)}</p>}
      {via !== undefined && (
        <p class="how">
          <span class="muted">by </span>
          <Via path={via} />
        </p>
      )}
      {detail !== undefined && <p class="how muted">{shown(detail, 512)}</p>}
    </li>
  );
}
