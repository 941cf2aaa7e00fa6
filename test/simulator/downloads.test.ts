import { createHash } from 'node:crypto';
import { request } from 'undici';
import { startSimulator, type Simulator } from '../../src/simulator';
import { inMemory } from '../../src/simulator/bytes/byte-source';
import { ask, downloadPath, recordPath } from './platform-access';
import { filesOf } from './zip-reader';

describe('a download', () => {
  let simulator: Simulator;

  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(() => simulator.close());

  async function available(spec: object): Promise<string> {
    const [created] = await simulator.createArchives(spec);
    await simulator.untilStatus(created!.archiveId, 'AVAILABLE');
    return created!.archiveId;
  }

  test('gives a zip with the checksum of the record and the size that was asked for', async () => {
    const archiveId = await available({ size: 3_000_000 });

    const record = (await ask(simulator, 'GET', recordPath(archiveId))).json();
    const { status, headers, bytes } = await ask(simulator, 'GET', downloadPath(archiveId));

    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(status).toBe(200);
    expect(bytes).toHaveLength(3_000_000);
    expect(record['sha256CheckSum']).toBe(sha256);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': '3000000',
      etag: `"${sha256}"`,
    });
    expect(await filesOf(inMemory(bytes))).toHaveLength(5);
  });

  test('gives the same bytes for the same seed', async () => {
    const [first, second] = [await available({ seed: 'same' }), await available({ seed: 'same' })];

    const bytes = async (id: string) => (await ask(simulator, 'GET', downloadPath(id))).bytes;
    expect((await bytes(first)).equals(await bytes(second))).toBe(true);
  });

  test.each(['PROCESSING', 'PACKING', 'FAILED', 'EXPIRED', 'UNHEARD_OF'])(
    'is refused while %s',
    async (status) => {
      const archiveId = await available({});
      await simulator.setStatus(archiveId, { status });

      expect((await ask(simulator, 'GET', downloadPath(archiveId))).status).toBe(409);
    },
  );

  test('is possible while ABANDONED', async () => {
    const archiveId = await available({ size: 1024 });
    await simulator.setStatus(archiveId, { status: 'ABANDONED' });

    expect((await ask(simulator, 'GET', downloadPath(archiveId))).bytes).toHaveLength(1024);
  });

  test('of an unknown archive is not found', async () => {
    expect((await ask(simulator, 'GET', downloadPath('nobody'))).status).toBe(404);
  });

  test('ends when the client goes away, and the journal tells', async () => {
    const archiveId = await available({ size: 64 * 2 ** 20 });
    const { body } = await request(`${simulator.url}/api/v2/communication${downloadPath(archiveId)}`, {
      headers: { 'api-key': simulator.apiKey },
    });
    body.on('error', () => undefined);
    await new Promise((resolve) => body.once('data', resolve));
    body.destroy();

    const entry = await untilDownloadEntry();
    expect(entry).toMatchObject({ complete: false, statusCode: 200 });
    expect(entry).toHaveProperty('bytesSent', expect.any(Number));
    expect((entry as { bytesSent: number }).bytesSent).toBeLessThan(32 * 2 ** 20);
  });

  test('is broken off by close', async () => {
    const archiveId = await available({ size: 64 * 2 ** 20 });
    const { body } = await request(`${simulator.url}/api/v2/communication${downloadPath(archiveId)}`, {
      headers: { 'api-key': simulator.apiKey },
    });
    const broken = new Promise((resolve) => body.once('error', resolve));
    await new Promise((resolve) => body.once('readable', resolve));

    await simulator.close();
    body.resume();

    expect(await broken).toBeInstanceOf(Error);
  });

  async function untilDownloadEntry() {
    for (;;) {
      const [entry] = await simulator.journal({ endpoint: 'download' });
      if (entry) return entry;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
