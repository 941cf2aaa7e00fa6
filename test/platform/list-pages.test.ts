import type { ServerResponse } from 'node:http';
import type { Platform } from '../../src/platform/platform';
import { startSimulator, type FaultRule, type Simulator } from '../../src/simulator';
import { startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

const NOT_WHOLE = { type: 'PlatformUnavailable' };

describe('a list', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());
  beforeEach(() => server.reset());

  const read = (): Promise<Read> => readFrom(server.client());

  function answer(body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    server.answerWith((_, response) => end(response, body, headers));
  }

  /** Answers each page with what it holds, by the whole of its path and query. */
  function answerPages(pages: Readonly<Record<string, unknown>>): void {
    server.answerWith(({ url = '' }, response) => {
      const page = Object.entries(pages).find(([end]) => url.endsWith(end));
      if (page === undefined) response.writeHead(404).end();
      else end(response, page[1]);
    });
  }

  it.each<[string, unknown]>([
    ['a bare array', [{ archiveId: 'a' }, { id: 7 }]],
    ['an object with an array', { archives: [{ archiveId: 'a' }, { archiveId: '7' }], total: 2, next: null }],
    [
      'objects in objects, with words like those around it in the records',
      {
        data: {
          page: {
            items: [
              { archiveId: 'a', next: '/x' },
              { archiveId: '7', links: { next: '/x' } },
            ],
          },
        },
      },
    ],
  ])('is read from %s', async (_, body) => {
    answer(body);
    expect(await read()).toEqual({ ids: ['a', '7'] });
    expect(server.seen).toHaveLength(1);
  });

  it('may have brackets, quotes and backslashes in its strings, cut anywhere', async () => {
    const archives = [
      { archiveId: 'a', name: '}]"\\' },
      { archiveId: 'b', name: '{["\\\\"' },
    ];
    const bytes = Buffer.from(JSON.stringify({ 'a]"}': '[{"\\', archives, more: { deep: ['x'] } }));
    server.answerWith((_, response) => {
      void (async () => {
        for (const byte of bytes) {
          response.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
        response.end();
      })();
    });
    expect(await read()).toEqual({ ids: ['a', 'b'] });
  });

  it.each<[string, unknown]>([
    ['a cursor', { archives: [{ archiveId: 'a' }], nextCursor: 'abc' }],
    ['a page number', { archives: [{ archiveId: 'a' }], nextPage: 2 }],
    ['hasMore, deep inside', { archives: [{ archiveId: 'a' }], meta: { pagination: { has_more: true } } }],
    ['a larger total', { archives: [{ archiveId: 'a' }], totalCount: 2 }],
    ['no JSON around it', '{"archives": [{"archiveId": "a"}], oops}'],
    [
      'nothing but more and more around it',
      `{"archives": [{"archiveId": "a"}], "x": "${'x'.repeat(70_000)}"}`,
    ],
  ])('with %s is not whole; what it gave is given', async (_, body) => {
    answer(body);
    const { ids, error } = await read();
    expect(error).toMatchObject(NOT_WHOLE);
    expect(ids).toEqual(['a']);
  });

  it.each(['/p?page=2', '?page=2'])('goes on at the page that its header names: %s', async (address) => {
    server.answerWith(({ url = '' }, response) => {
      const link = `</first>; rel="first", <${address}>; rel="last next"`;
      if (url.endsWith('page=2')) end(response, [{ archiveId: 'b' }]);
      else end(response, [{ archiveId: 'a' }], { link });
    });
    expect(await read()).toEqual({ ids: ['a', 'b'] });
  });

  it('is not whole where a later page fails', async () => {
    answerPages({ archives: { archives: [{ archiveId: 'a' }], next: '?page=2' } });
    expect(await read()).toMatchObject({ ids: ['a'], error: { type: 'ArchiveNotFound' } });
  });

  it('shows the API key to its own origin only, and names no address in its error', async () => {
    answer({ archives: [{ archiveId: 'a' }], next: 'https://evil.invalid/secret-path' });
    const { error } = await read();
    expect(error).toMatchObject(NOT_WHOLE);
    expect(String(error)).not.toMatch(/evil|secret/);
    expect(server.seen).toHaveLength(1);
  });

  function end(
    response: ServerResponse,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
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
    const { ids, ...rest } = await readFrom(
      server.client({ baseUrl: simulator.url, apiKey: simulator.apiKey }),
    );
    return { count: new Set(ids).size, ...rest };
  }

  it.each(['link', 'next', 'links'] as const)('is read to its end by %s', async (next) => {
    expect(await read({ next })).toEqual({ count: 5 });
  });

  it.each(['cursor', 'total', 'itself', 'otherOrigin'] as const)(
    'is known not to be whole by %s',
    async (next) => {
      expect(await read({ next })).toMatchObject({ count: 2, error: NOT_WHOLE });
    },
  );

  it.each(['link', 'next', 'links'] as const)('is known to go round in circles by %s', async (next) => {
    expect(await read({ next, samePage: true })).toMatchObject({ count: 2, error: NOT_WHOLE });
  });

  it('looks whole where nothing is said: nothing may be concluded from what any list lacks', async () => {
    expect(await read({ next: 'none' })).toEqual({ count: 2 });
  });
});

interface Read {
  readonly ids: readonly unknown[];
  readonly error?: unknown;
}

/** Reads the list to its end, or to where it broke off. */
async function readFrom(platform: Platform): Promise<Read> {
  const ids: unknown[] = [];
  try {
    for await (const { archiveId } of platform.list(untouched())) ids.push(archiveId);
    return { ids };
  } catch (error) {
    return { ids, error };
  }
}
