import { useEffect, useState } from 'preact/hooks';
import type { AccessReport } from '../core/report/access-report.ts';
import { counted, shown } from '../core/text.ts';
import { type ApiError, asApiError, readReport } from './api.ts';
import { Ago } from './clock.tsx';
import { Exports } from './exports.tsx';
import { Empty, Failed, Loading } from './parts.tsx';
import { ReportTable } from './report-table.tsx';

/** Who holds what. It is made when somebody looks, since it reads all that the viewer may list. */
export function ReportView() {
  const [report, setReport] = useState<AccessReport>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  async function load(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      setReport(await readReport());
    } catch (failure) {
      setError(asApiError(failure));
    }
    setBusy(false);
  }
  useEffect(() => void load(), []);
  return (
    <div class="report">
      <header class="heading">
        <h2>Access report</h2>
        <p class="muted">
          Who holds what, by way of what, and whether any workload that declares its scopes needs it.
        </p>
      </header>
      {error !== undefined && <Failed error={error} again={() => void load()} />}
      {report === undefined && error === undefined && <Loading what="roles, bindings and workloads" />}
      {report !== undefined && (
        <>
          <div class="line">
            <span>
              {counted(report.accounts.length, 'account')}, made <Ago time={report.madeAt} />
            </span>
            <button type="button" onClick={() => void load()} aria-disabled={busy}>
              {busy ? 'Making …' : 'Make it again'}
            </button>
            <Exports report={report} />
          </div>
          {report.incomplete.length > 0 && (
            <details class="note">
              <summary>It is not complete</summary>
              <ul>
                {report.incomplete.map((line) => (
                  <li key={line}>{shown(line, 500)}</li>
                ))}
              </ul>
            </details>
          )}
          {report.accounts.length === 0 ? (
            <Empty title="Nothing runs, and no account holds anything">
              <p>Not where you may look, that is.</p>
            </Empty>
          ) : (
            <ReportTable report={report} />
          )}
        </>
      )}
    </div>
  );
}
