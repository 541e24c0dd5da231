import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { usePage } from './page.ts';

export interface Row {
  readonly key: string;
  readonly href: string;
  readonly waiting: boolean;
  readonly content: ComponentChildren;
}

const AT_ONCE = 200;

/** A list of links; the one that is open is the current one. */
export function Rows({ what, items }: { readonly what: string; readonly items: readonly Row[] }) {
  const { route, search } = usePage();
  const [limit, setLimit] = useState(AT_ONCE);
  const open =
    route.view !== 'report' && route.open !== undefined ? `${route.open.namespace}/${route.open.name}` : '';
  return (
    <>
      <ul class="rows" aria-label={what}>
        {items.slice(0, limit).map(({ key, href, waiting, content }) => (
          <li key={key}>
            <a
              href={href + search}
              data-row={key}
              class={waiting ? 'row waiting' : 'row'}
              aria-current={key === open ? 'true' : undefined}
            >
              {content}
            </a>
          </li>
        ))}
      </ul>
      {items.length > limit && (
        <button type="button" class="more" onClick={() => setLimit(limit + AT_ONCE)}>
          Show {Math.min(AT_ONCE, items.length - limit)} more of {items.length - limit}
        </button>
      )}
    </>
  );
}
