import { describe, expect, it } from 'vitest';
import type { StoredDenial, StoredGrant } from '../../../src/desk/desk.ts';
import {
  denialRows,
  type Filters,
  matches,
  matchesGrant,
  readFilters,
  valuesOf,
} from '../../../src/page/filters.ts';
import { pathOf, queryText, readRoute } from '../../../src/page/route.ts';
import { pageShop } from '../../support/page-shop.ts';

const desk = pageShop('omar').desk;

async function lists(): Promise<readonly [readonly StoredDenial[], readonly StoredGrant[]]> {
  return Promise.all([desk.denials(undefined), desk.grants(undefined)]);
}

const NONE: Filters = { state: '', namespace: '', account: '', risk: '', text: '' };

describe('the queue', () => {
  it('begins with what waits for a decision, then what is open by risk, then the rest', async () => {
    const rows = denialRows(...(await lists()));
    const order = rows.map(
      ({ pending, denial, risk }) =>
        `${pending.length}${denial.status.state === 'Open' ? 'open' : ''}${risk}`,
    );

    expect(order.slice(0, 7)).toEqual([
      '1opencritical',
      '0openhigh',
      '0openhigh',
      '0openmedium',
      '0openmedium',
      '0openmedium',
      '0openlow',
    ]);
    expect(order.slice(7).every((one) => !one.includes('open'))).toBe(true);
  });

  it.each<[Partial<Filters>, number]>([
    [{}, 13],
    [{ state: 'waiting' }, 1],
    [{ state: 'Open' }, 7],
    [{ state: 'Nothing' }, 0],
    [{ namespace: 'pay' }, 4],
    [{ risk: 'critical' }, 1],
    [{ account: 'api', namespace: 'shop', state: 'Granted' }, 1],
    [{ text: 'LEGACY admin' }, 1],
    [{ text: 'legacy nothing' }, 0],
    [{ text: ' jane ' }, 13],
  ])('filtered by %j has %i rows', async (filters, count) => {
    const rows = denialRows(...(await lists())).filter((row) => matches(row, { ...NONE, ...filters }));

    expect(rows).toHaveLength(count);
  });

  it.each<[Partial<Filters>, number]>([
    [{}, 2],
    [{ state: 'Pending' }, 2],
    [{ state: 'Active' }, 0],
    [{ text: 'OPS-1412' }, 1],
    [{ text: 'worker lee' }, 1],
    [{ namespace: 'pay' }, 0],
  ])('of grants filtered by %j has %i', async (filters, count) => {
    const [, grants] = await lists();

    expect(grants.filter((grant) => matchesGrant(grant, { ...NONE, ...filters }))).toHaveLength(count);
  });

  it('offers the values that there are, and the chosen one', () => {
    expect(valuesOf(['pay', 'shop', 'pay'], 'gone')).toEqual(['gone', 'pay', 'shop']);
    expect(valuesOf(['pay'], '')).toEqual(['pay']);
  });
});

describe('an address', () => {
  it.each([
    ['/', { view: 'denials', open: undefined }],
    ['/denials', { view: 'denials', open: undefined }],
    ['/denials/shop/d-7f3k2m4q', { view: 'denials', open: { namespace: 'shop', name: 'd-7f3k2m4q' } }],
    ['/grants/shop/a%2Fb', { view: 'grants', open: { namespace: 'shop', name: 'a/b' } }],
    ['/report', { view: 'report' }],
    ['/denials/shop/%', { view: 'denials', open: undefined }],
  ])('%s says what is looked at', (path, route) => {
    expect(readRoute(path)).toEqual(route);
  });

  it('is read as it is written', () => {
    const route = { view: 'grants', open: { namespace: 'a b', name: 'c/d' } } as const;

    expect(readRoute(pathOf(route))).toEqual(route);
    expect(readFilters(queryText({ ...NONE, text: 'a&b=c', risk: 'high' }))).toEqual({
      ...NONE,
      text: 'a&b=c',
      risk: 'high',
    });
    expect(queryText(NONE)).toBe('');
  });

  it('holds no endless filter', () => {
    expect(readFilters(`?text=${'x'.repeat(9000)}`).text).toHaveLength(253);
  });
});
