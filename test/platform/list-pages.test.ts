import { startSimulator, type FaultRule, type Simulator } from '../../src/simulator';
import { startHostilePlatform, type HostilePlatform } from './hostile-platform';
import { endWith, NOT_WHOLE, readList, type Read } from './read-list';

describe('a paginated list', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());
  beforeEach(() => server.reset());

  const read = (): Promise<Read> => readList(server.client());

  function answer(body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    server.answerWith((_, response) => endWith(response, body, headers));
  }

  /** Answers each page with what it holds, by the whole of its path and query. */
  function answerPages(
    pages: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    server.answerWith(({ url = '' }, response) => {
      const page = Object.entries(pages).find(([end]) => url.endsWith(end));
      if (page === undefined) response.writeHead(404).end();
      else endWith(response, page[1], headers);
    });
  }

  it.each<[string, unknown]>([
    ['a cursor', { archives: [{ archiveId: 'a' }], nextCursor: 'abc' }],
    ['a page number', { archives: [{ archiveId: 'a' }], nextPage: 2 }],
    ['hasMore, deep inside', { archives: [{ archiveId: 'a' }], meta: { pagination: { has_more: true } } }],
    ['a larger total', { archives: [{ archiveId: 'a' }], totalCount: 2 }],
    ['a larger total in quotes', { archives: [{ archiveId: 'a' }], meta: { total_items: '2' } }],
    ['two totals', { total: 1, archives: [{ archiveId: 'a' }], meta: { total: 2 } }],
    ['more pages', { archives: [{ archiveId: 'a' }], page: 1, totalPages: 2 }],
  ])('with %s is not whole, but its archives are returned', async (_, body) => {
    answer(body);
    const { ids, error } = await read();
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual(['a']);
  });

  it.each<[string, string]>([
    ['X-Total-Count', '2'],
    ['X-Total', '2'],
    ['Total-Count', '2'],
    ['X-WP-Total', '2'],
    ['X-Pagination-Total-Count', ' 2 '],
    ['X-Total-Pages', '2'],
    ['X-Next-Page', '2'],
    ['X-Next-Cursor', 'abc'],
    ['X-Has-More', 'true'],
  ])('with the header %s: %s is not whole, but its archives are returned', async (name, value) => {
    answer([{ archiveId: 'a' }], { [name]: value });
    expect(await read()).toMatchObject({ ids: ['a'], error: NOT_WHOLE });
  });

  it.each<[string, string]>([
    ['X-Total-Count', '1'],
    ['X-Total-Count', '0'],
    ['X-Total-Pages', '1'],
    ['X-Next-Page', ''],
    ['X-Has-More', 'false'],
    ['X-Request-Id', '2'],
    ['Totally-Else', '2'],
  ])('with the header %s: %s is whole', async (name, value) => {
    answer([{ archiveId: 'a' }], { [name]: value });
    expect(await read()).toEqual({ archives: [{ archiveId: 'a', status: '' }], ids: ['a'] });
  });

  it.each<[string, boolean]>([
    ['2', true],
    ['3', false],
  ])('with the total %s in a header is compared with all pages together; whole: %s', async (total, whole) => {
    const first = { archives: [{ archiveId: 'a' }], next: '?page=2' };
    answerPages(
      { archives: first, 'page=2': { archives: [{ archiveId: 'b' }] } },
      { 'x-total-count': total },
    );
    expect(await read()).toMatchObject({ ids: ['a', 'b'], ...(!whole && { error: NOT_WHOLE }) });
    expect('error' in (await read())).toBe(!whole);
  });

  it('whose total shrinks from page to page is not whole, because the client skipped archives', async () => {
    const pages = { archives: [{ archiveId: 'a' }], next: '?page=2', total: 3 };
    answerPages({ archives: pages, 'page=2': { archives: [{ archiveId: 'c' }], total: 2 } });
    expect(await read()).toMatchObject({ ids: ['a', 'c'], error: NOT_WHOLE });
  });

  it.each(['/p?page=2', '?page=2'])('continues with the page that its header names: %s', async (address) => {
    server.answerWith(({ url = '' }, response) => {
      const link = `</first>; rel="first", <${address}>; rel="last next"`;
      if (url.endsWith('page=2')) endWith(response, [{ archiveId: 'b' }]);
      else endWith(response, [{ archiveId: 'a' }], { link });
    });
    expect(await read()).toMatchObject({ ids: ['a', 'b'] });
    expect(await read()).not.toHaveProperty('error');
  });

  it('is not whole if a later page fails', async () => {
    answerPages({ archives: { archives: [{ archiveId: 'a' }], next: '?page=2' } });
    expect(await read()).toMatchObject({ ids: ['a'], error: { type: 'ArchiveNotFound' } });
  });

  it('reveals the API key only to its own origin, and names no address in its error', async () => {
    answer({ archives: [{ archiveId: 'a' }], next: 'https://evil.invalid/secret-path' });
    const { error } = await read();
    expect(error).toMatchObject(NOT_WHOLE);
    expect(String(error)).not.toMatch(/evil|secret/);
    expect(server.seen).toHaveLength(1);
  });
});

describe("the simulator's list in pages", () => {
  let simulator: Simulator;
  let server: HostilePlatform;
  beforeAll(async () => {
    simulator = await startSimulator();
    server = await startHostilePlatform();
    await simulator.createArchives({ count: 5, notify: { when: 'never' } });
  });
  afterAll(() => Promise.all([simulator.close(), server.close()]));
  afterEach(() => simulator.clearFaults());

  type Pages = Extract<FaultRule, { fault: 'pagedList' }>;

  async function read(rule: Omit<Pages, 'fault'>): Promise<{ count: number; error?: unknown }> {
    await simulator.setFaults([{ fault: 'pagedList', ...rule }]);
    const { ids, error } = await readList(
      server.client({ baseUrl: simulator.url, apiKey: simulator.apiKey }),
    );
    return { count: new Set(ids).size, ...(error !== undefined && { error }) };
  }

  it.each(['link', 'next', 'links'] as const)('is read to its end with the link style %s', async (next) => {
    expect(await read({ next })).toEqual({ count: 5 });
  });

  it.each(['cursor', 'total', 'itself', 'otherOrigin'] as const)(
    'is recognised as not whole with the link style %s',
    async (next) => {
      expect(await read({ next })).toMatchObject({ count: 2, error: NOT_WHOLE });
    },
  );

  it.each(['link', 'next', 'links'] as const)('is recognised as circular with the link %s', async (next) => {
    expect(await read({ next, samePage: true })).toMatchObject({ count: 2, error: NOT_WHOLE });
  });

  it('looks whole if nothing says otherwise, so nothing may be concluded from what a list lacks', async () => {
    expect(await read({ next: 'none' })).toEqual({ count: 2 });
  });
});
