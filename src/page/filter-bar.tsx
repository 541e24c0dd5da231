import { shown } from '../core/text.ts';
import { FILTERS, type FilterName, type Filters, valuesOf } from './filters.ts';
import { usePage } from './page.ts';
import { queryText } from './route.ts';

export interface Choice {
  readonly name: FilterName;
  readonly label: string;
  readonly any: string;
  readonly values: readonly (readonly [value: string, text: string])[];
}

/** Writes what is chosen into the address, which is where the views read it from. */
export function FilterBar({
  filters,
  choices,
}: {
  readonly filters: Filters;
  readonly choices: readonly Choice[];
}) {
  const { filter } = usePage();
  const set = (name: FilterName, value: string) => filter(queryText({ ...filters, [name]: value }));
  const isChoice = ({ name, values }: Choice) => values.length > 1 || filters[name] !== '';
  const active = FILTERS.some((name) => filters[name] !== '');
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        id="filter-text"
        aria-label="Filter by text"
        placeholder="Filter …"
        aria-keyshortcuts="/"
        autocomplete="off"
        spellcheck={false}
        value={filters.text}
        onInput={({ currentTarget }) => set('text', currentTarget.value)}
      />
      {choices.filter(isChoice).map(({ name, label, any, values }) => (
        <select
          key={name}
          aria-label={label}
          value={filters[name]}
          class={filters[name] === '' ? '' : 'chosen'}
          onChange={({ currentTarget }) => set(name, currentTarget.value)}
        >
          <option value="">{any}</option>
          {values.map(([value, text]) => (
            <option key={value} value={value}>
              {shown(text, 60)}
            </option>
          ))}
        </select>
      ))}
      {active && (
        <button type="button" class="quiet" onClick={() => filter('')}>
          Clear
        </button>
      )}
    </form>
  );
}

export function same(values: readonly string[]): readonly (readonly [string, string])[] {
  return values.map((value) => [value, value]);
}

/** Where it is and whose it is: what every list can be narrowed by. */
export function ownerChoices(
  owners: readonly { readonly namespace: string; readonly account: string }[],
  { namespace, account }: Filters,
): readonly Choice[] {
  const namespaces = owners.map((owner) => owner.namespace);
  const accounts = owners.map((owner) => owner.account);
  return [
    {
      name: 'namespace',
      label: 'Namespace',
      any: 'Any namespace',
      values: same(valuesOf(namespaces, namespace)),
    },
    {
      name: 'account',
      label: 'Service account',
      any: 'Any account',
      values: same(valuesOf(accounts, account)),
    },
  ];
}
