import { CountersignError } from '../core/errors.ts';
import { objectOf, textOf } from '../core/json.ts';
import { type CallOptions, type KubeClient, TOO_LARGE } from './client.ts';

/** A list in pages, so that neither side holds a whole collection at once. */
export interface Page {
  readonly items: readonly unknown[];
  /** Where a watch goes on; the same for all pages of a list. */
  readonly resourceVersion: string;
}

const PAGE_ITEMS = 500;
const SHRINK = 4;

/**
 * All objects at `path`. When the list's snapshot expires between two pages this fails with ERR_KUBE_GONE and the caller
 * starts over.
 * @param options `query`: `fieldSelector` and the like; `accept`: another form of the objects.
 */
export async function* listPages(
  client: KubeClient,
  path: string,
  options: Omit<CallOptions, 'maxBytes'> = {},
): AsyncGenerator<Page> {
  let limit = PAGE_ITEMS;
  let next: string | undefined = '';
  while (next !== undefined) {
    const query = { ...options.query, limit: String(limit), ...(next === '' ? {} : { continue: next }) };
    try {
      const page = readList(path, await client.get(path, { ...options, query }));
      next = page.next;
      yield page;
    } catch (error) {
      if (!isTooLarge(error) || limit === 1) throw error;
      // Anyone who may create an object may make it large: then smaller pages, not a list that never succeeds.
      limit = Math.max(1, Math.floor(limit / SHRINK));
    }
  }
}

function readList(path: string, body: unknown): Page & { readonly next: string | undefined } {
  const { items, metadata } = objectOf(body);
  const resourceVersion = textOf(objectOf(metadata)['resourceVersion']);
  if (!(Array.isArray(items) || items === null) || !resourceVersion) {
    throw new CountersignError(
      'ERR_KUBE_PROTOCOL',
      `GET ${path}: expected a list with items and a resourceVersion`,
    );
  }
  return { items: items ?? [], resourceVersion, next: textOf(objectOf(metadata)['continue']) || undefined };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof CountersignError && error.cause === TOO_LARGE;
}
