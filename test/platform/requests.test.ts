import { createPlatforms } from '../../src/platform/create-platform';
import { parseTenantId } from '../../src/domain/ids';
import {
  API_KEY,
  KEY,
  json,
  rejection,
  sendAbandon,
  startHostilePlatform,
  tenant,
  type HostilePlatform,
  untouched,
} from './hostile-platform';

const SPELLED_OUT = {
  record: '/r/{archiveId}',
  download: '/d/{archiveId}.zip',
  abandon: '/x/{archiveId}/of/{conferenceId}',
};

describe('a request to the platform', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.reset();
    // Of no type, so that it is taken for a record and for a file.
    server.answerWith((_, response) =>
      response.end(JSON.stringify({ archiveId: KEY.archiveId, status: 'AVAILABLE' })),
    );
  });

  async function askAll(keys: object) {
    const platform = server.client(keys);
    await platform.fetchRecord(KEY, untouched());
    const { body } = await platform.download(KEY, { from: 0 }, untouched());
    await body.forEach(() => undefined);
    await sendAbandon(platform);
    return server.seen;
  }

  it('uses the path of the published guide', async () => {
    const seen = await askAll({});
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v2/communication/archives/archives/a1',
      'GET /api/v2/communication/archives/archives/a1/download',
      'POST /api/v2/communication/conferences/conferences/c1/archive/abandon',
    ]);
  });

  it('uses the configured path, including prefix and path of the base address', async () => {
    const seen = await askAll({
      baseUrl: `${server.url}/tenant-1/`,
      apiPrefix: '/api',
      endpoints: SPELLED_OUT,
    });
    expect(seen.map(({ url }) => url)).toEqual([
      '/tenant-1/api/r/a1',
      '/tenant-1/api/d/a1.zip',
      '/tenant-1/api/x/a1/of/c1',
    ]);
  });

  it('may have no prefix', async () => {
    const seen = await askAll({ apiPrefix: '', endpoints: SPELLED_OUT });
    expect(seen.map(({ url }) => url)).toEqual(['/r/a1', '/d/a1.zip', '/x/a1/of/c1']);
  });

  it('contains the API key only in its header', async () => {
    const seen = await askAll({});
    expect(seen).toHaveLength(3);
    for (const { headers, ...rest } of seen) {
      const { 'api-key': key, ...others } = headers;
      expect(key).toBe(API_KEY);
      expect(JSON.stringify([rest, others])).not.toContain(API_KEY);
    }
  });

  it('asks for the file without encoding, and otherwise for JSON', async () => {
    const [record, download, abandon] = await askAll({});
    expect(record?.headers.accept).toBe('application/json');
    expect(download?.headers['accept-encoding']).toBe('identity');
    expect(abandon?.headers['content-type']).toBe('application/json');
  });
});

describe('the platforms of all tenants', () => {
  it('are found by tenant; a tenant that is not configured is an UnknownTenant', async () => {
    const server = await startHostilePlatform();
    const platforms = createPlatforms(new Map([[KEY.tenant, tenant({ baseUrl: server.url })]]));
    try {
      server.answerWith(json({ archiveId: KEY.archiveId, status: 'AVAILABLE' }));
      const record = await platforms.platformOf(KEY.tenant).fetchRecord(KEY, untouched());
      expect(record.status).toBe('AVAILABLE');
      const unknown = await rejection(
        Promise.resolve().then(() => platforms.platformOf(parseTenantId('other'))),
      );
      expect(unknown).toMatchObject({ type: 'UnknownTenant' });
      expect(String(unknown)).toContain('configuration has no tenant other');
    } finally {
      await platforms.close();
      await server.close();
    }
  });
});

describe('an abandon', () => {
  let server: HostilePlatform;
  beforeAll(async () => {
    server = await startHostilePlatform();
  });
  afterAll(() => server.close());

  it.each([301, 302, 303, 307, 308])('is not redirected (%i)', async (status) => {
    server.reset();
    server.answerWith((_, response) => response.writeHead(status, { location: '/MARKER' }).end());
    await expect(sendAbandon(server.client())).resolves.toEqual({ outcome: 'open' });
    expect(server.seen).toHaveLength(1);
  });

  it.each([408, 499, 500, 503])('may still take effect after %i', async (status) => {
    server.answerWith((_, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    await expect(sendAbandon(server.client())).resolves.toEqual({ outcome: 'open', retryAfterMs: 7_000 });
  });

  it.each([400, 404, 409, 410, 422, 429])('has no effect after %i', async (status) => {
    server.answerWith((_, response) => response.writeHead(status).end('MARKER body'));
    const answer = await sendAbandon(server.client());
    expect(answer).toMatchObject({ outcome: 'refused', failure: { type: 'AbandonUnconfirmed' } });
    expect(JSON.stringify(answer)).not.toContain('MARKER');
  });

  it.each([401, 403])('fails with a refused API key (%i)', async (status) => {
    server.answerWith((_, response) => response.writeHead(status).end());
    await expect(sendAbandon(server.client())).resolves.toMatchObject({
      outcome: 'refused',
      failure: { type: 'CredentialsRejected' },
    });
  });
});
