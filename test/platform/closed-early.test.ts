import { setTimeout as pause } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { KEY, startHostilePlatform, untouched, type HostilePlatform } from './hostile-platform';

describe('a platform that closes the connection while the file still waits to be read', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  // See docs/decisions/0020: in some versions of undici, this ended the process.
  it.each([
    ['with its length', { connection: 'close', 'content-length': 65_536 }],
    ['without a length', { connection: 'close' }],
  ])('does no harm: %s', async (_case, headers) => {
    const bytes = Buffer.alloc(65_536, 'PK');
    server.answerWith((_, response) => response.writeHead(200, headers).end(bytes));
    const { body } = await server.client().download(KEY, { from: 0 }, untouched());
    await pause(300);
    await expect(buffer(body)).resolves.toEqual(bytes);
  });
});
