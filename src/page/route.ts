/** The address says what is looked at, and through which filters: it can be kept, sent and reloaded. */

export type Route =
  | { readonly view: 'denials'; readonly open: Place | undefined }
  | { readonly view: 'grants'; readonly open: Place | undefined }
  | { readonly view: 'report' };

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export type View = Route['view'];

export function readRoute(pathname: string): Route {
  const [, view = '', namespace = '', name = ''] = pathname.split('/').map(decoded);
  const open = namespace === '' || name === '' ? undefined : { namespace, name };
  switch (view) {
    case 'grants':
      return { view, open };
    case 'report':
      return { view };
    default:
      return { view: 'denials', open };
  }
}

export function pathOf(route: Route): string {
  if (route.view === 'report' || route.open === undefined) return `/${route.view}`;
  const { namespace, name } = route.open;
  return `/${route.view}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** The query without what is empty, so that an address says no more than it has to. */
export function queryText(entries: Readonly<Record<string, string>>): string {
  const kept = Object.entries(entries).filter(([, value]) => value !== '');
  const text = new URLSearchParams(kept).toString();
  return text === '' ? '' : `?${text}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
