import type { AccessReport } from '../core/report/access-report.ts';
import type { GrantVerdict, GrantWish, Rights, StoredDenial, StoredGrant, Viewer } from '../desk/desk.ts';
import { forgetToken, token } from './session.ts';

/** What the server says when it does not do what it was asked; `code` as in src/server/review/failure.ts. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Me {
  readonly viewer: Viewer;
  readonly context: string;
  readonly namespace?: string;
  /** The server can work out what is missing. */
  readonly proposals: boolean;
}

export const readMe = () => get<Me>('/api/me');
export const readDenials = () => get<readonly StoredDenial[]>('/api/denials');
export const readGrants = () => get<readonly StoredGrant[]>('/api/grants');
export const readReport = () => get<AccessReport>('/api/report');
export const readRights = (namespace: string) => get<Rights>(`/api/rights/${encodeURIComponent(namespace)}`);

export const readProposal = (denial: StoredDenial) =>
  get<{ readonly text: string }>(`${pathOf(denial)}/proposal`);

export const recheck = (denial: StoredDenial) => post(`${pathOf(denial)}/recheck`);
export const ask = (wish: GrantWish) => post('/api/grants', wish);
export const decide = (verdict: GrantVerdict) => post('/api/decisions', verdict);

export async function readCsv(): Promise<string> {
  return (await send('/api/report.csv', {})).text();
}

function pathOf({ namespace, name }: StoredDenial): string {
  return `/api/denials/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

async function get<T>(path: string): Promise<T> {
  return (await (await send(path, {})).json()) as T;
}

async function post(path: string, body?: unknown): Promise<void> {
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  await send(path, { method: 'POST', ...json });
}

/** The answer, when it is a success; fails with an ApiError. */
export async function send(
  path: string,
  init: {
    readonly method?: string;
    readonly body?: string;
    readonly headers?: object;
    readonly signal?: AbortSignal;
  },
): Promise<Response> {
  const { headers = {}, ...rest } = init;
  let answer: Response;
  try {
    answer = await fetch(path, { ...rest, headers: { ...headers, authorization: `Bearer ${token()}` } });
  } catch {
    throw new ApiError('ERR_SERVER_GONE', 'countersign ui does not answer: it has ended, or was never there');
  }
  if (answer.ok) return answer;
  const failure = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
  if (failure.code === 'ERR_TOKEN') forgetToken();
  throw new ApiError(failure.code ?? 'ERR_SERVER', failure.message ?? `answer ${answer.status}`);
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('ERR_PAGE', String(error));
}
