import { startHostilePlatform, type HostilePlatform } from './hostile-platform';
import { endWith, readList } from './read-list';

let server: HostilePlatform;
beforeAll(async () => {
  server = await startHostilePlatform();
});
afterAll(() => server.close());
beforeEach(() => server.reset());

function read(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200) {
  server.answerWith((_, response) => endWith(response, body, headers, status));
  return readList(server.client());
}

describe('a list', () => {
  it.each<[string, unknown]>([
    ['a bare array', [{ archiveId: 'a' }, { id: 7 }]],
    ['an object with an array', { archives: [{ archiveId: 'a' }, { archiveId: '7' }], total: 2, next: null }],
    [
      'objects in objects, with words like those around it in the records',
      {
        data: {
          page: {
            items: [
              { archiveId: 'a', next: '/x', total: 9 },
              { archiveId: '7', links: { next: '/x' } },
            ],
          },
        },
      },
    ],
    [
      'an array with arrays in its records',
      [{ archiveId: 'a', expert: [[{ id: 1 }], 'x'] }, { archiveId: '7' }],
    ],
    ['an array with white space around', ' \r\n\t[ {"archiveId" : "a"} ,\n{"archiveId":"7"} ] \n\n'],
    ['an array after a byte order mark', '\ufeff[{"archiveId":"a"},{"archiveId":"7"}]'],
  ])('is parsed from %s', async (_, body) => {
    expect(await read(body)).toMatchObject({ ids: ['a', '7'] });
    expect(await read(body)).not.toHaveProperty('error');
  });

  it.each([[[]], [{ archives: [] }], [{ archives: [], total: 0, hasMore: false }]])(
    'may be empty: %j',
    async (body) => {
      expect(await read(body)).toEqual({ archives: [], ids: [] });
    },
  );

  it('contains id, conference and status of each archive, and omits unusable values', async () => {
    const { archives, error } = await read([
      {
        archiveId: 'a',
        id: 'x',
        conferenceId: 'c',
        status: 'AVAILABLE',
        expert: { archiveId: 'y', status: 'y' },
      },
      { id: 7, conferenceId: 8, status: 9 },
      { archiveId: '../a', conferenceId: 'c/..', status: 'EXPIRED' },
      { archiveId: { id: 'a' }, id: ['b'], conferenceId: true, status: null },
      { archiveId: 1.5, id: 2 ** 60 },
      {},
    ]);
    expect(error).toBeUndefined();
    expect(archives).toEqual([
      { archiveId: 'a', conferenceId: 'c', status: 'AVAILABLE' },
      { archiveId: '7', conferenceId: '8', status: '' },
      { status: 'EXPIRED' },
      { status: '' },
      { status: '' },
      { status: '' },
    ]);
  });

  it('may contain brackets, quotes and any letters in its strings, however it is split', async () => {
    const archives = [
      { archiveId: 'a', name: '}]"\\', expert: 'Ärzte 😀 \u2028' },
      { archiveId: 'b', name: '{["\\\\"\u0000', conferenceId: 'c' },
    ];
    const bytes = Buffer.from(`\ufeff${JSON.stringify({ 'a]"}': '[{"\\', archives, more: { deep: 'ß' } })}`);
    server.answerWith((_, response) => {
      void (async () => {
        for (const byte of bytes) {
          response.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
        response.end();
      })();
    });
    const { ids, error } = await readList(server.client());
    expect(error).toBeUndefined();
    expect(ids).toEqual(['a', 'b']);
  });

  it('is returned while it arrives', async () => {
    let arrived: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (arrived = resolve));
    server.answerWith((_, response) => {
      response.write('[{"archiveId": "a"}');
      void first.then(() => response.end(', {"archiveId": "b"}]'));
    });
    expect(await readList(server.client(), arrived)).toMatchObject({ ids: ['a', 'b'] });
  });
});
