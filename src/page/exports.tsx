import { useState } from 'preact/hooks';
import type { AccessReport } from '../core/report/access-report.ts';
import { type ApiError, asApiError, readCsv } from './api.ts';
import { Failed } from './parts.tsx';

export function Exports({ report }: { readonly report: AccessReport }) {
  const [error, setError] = useState<ApiError>();
  async function csv(): Promise<void> {
    try {
      save('access-report.csv', 'text/csv', await readCsv());
      setError(undefined);
    } catch (failure) {
      setError(asApiError(failure));
    }
  }
  return (
    <>
      <button type="button" onClick={() => void csv()}>
        Export CSV
      </button>
      <button
        type="button"
        onClick={() => save('access-report.json', 'application/json', `${JSON.stringify(report, null, 2)}\n`)}
      >
        Export JSON
      </button>
      {error !== undefined && <Failed error={error} />}
    </>
  );
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The browser has taken it by the next turn of its loop at the latest.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
