import { JOURNAL_CAPACITY, MINIMUM_SIZE_BYTES, startSimulator, type Simulator } from '../../src/simulator';
import { Journal } from '../../src/simulator/journal';
import { startCallbackServer } from './callback-server';
import { matching } from './matchers';
import { abandonPath, ask, downloadPath, recordPath } from './platform-access';

const TOPIC = 'communication.archives.archive.available';

let simulator: Simulator;

beforeEach(async () => (simulator = await startSimulator()));
afterEach(() => simulator.close());

describe('the control API of the simulator', () => {
  test('creates archives and describes them', async () => {
    const created = await simulator.createArchives({
      count: 2,
      archiveId: 'a',
      conferenceId: 'c',
      size: 2000,
    });
    expect(created).toEqual([
      { archiveId: 'a-1', conferenceId: 'c', sizeBytes: 2000 },
      { archiveId: 'a-2', conferenceId: 'c', sizeBytes: 2000 },
    ]);

    expect(await simulator.untilStatus('a-2', 'AVAILABLE')).toEqual({
      archiveId: 'a-2',
      conferenceId: 'c',
      sizeBytes: 2000,
      status: 'AVAILABLE',
      sha256: matching(/^[0-9a-f]{64}$/),
    });
  });

  test('creates one archive of 1 MiB by default', async () => {
    expect(await simulator.createArchives()).toMatchObject([{ sizeBytes: 1_048_576 }]);
  });

  test('uses the minimum size if a smaller one is requested', async () => {
    expect(await simulator.createArchives({ size: 0 })).toMatchObject([{ sizeBytes: MINIMUM_SIZE_BYTES }]);
  });

  test.each([
    ['statuses.0.status', { statuses: [{ status: 'available' }] }],
    ['archiveId', { archiveId: '../x' }],
    ['notify.when', { notify: { when: 'later' } }],
    ['sise', { sise: 1 }],
  ])('refuses an invalid %s, and names it', async (field, spec: object) => {
    await expect(simulator.createArchives(spec)).rejects.toThrow(field.split('.').at(-1));
    expect(await simulator.journal()).toEqual([]);
  });

  test('refuses a duplicate id, and creates none of the archives', async () => {
    await simulator.createArchives({ archiveId: 'a-2' });

    await expect(simulator.createArchives({ archiveId: 'a', count: 2 })).rejects.toThrow('a-2');
    await expect(simulator.archive('a-1')).rejects.toThrow('no such archive');
  });

  test('sets a status and announces the archive again', async () => {
    const callback = await startCallbackServer();
    const body = { topic: TOPIC, url: callback.url };
    await ask(simulator, 'POST', '/subscriptions/subscriptions/webhook', body);
    await simulator.createArchives({ archiveId: 'a1', notify: { when: 'never' } });

    expect(await simulator.setStatus('a1', { status: 'FAILED', error: 'Why.' })).toMatchObject({
      error: 'Why.',
    });
    expect(await simulator.notify('a1', { times: 2 })).toMatchObject([
      { attempts: 1, acknowledged: true, statusCode: 202 },
      { attempts: 1, acknowledged: true, statusCode: 202 },
    ]);
    await callback.close();
  });

  test('returns the journal from the last position', async () => {
    await simulator.createArchives({ archiveId: 'a1', notify: { when: 'never' } });
    await simulator.untilStatus('a1', 'AVAILABLE');
    const [packing] = await simulator.journal();
    await ask(simulator, 'GET', recordPath('a1'));

    expect(await simulator.journal({ after: packing!.seq })).toMatchObject([
      { kind: 'status', status: 'AVAILABLE' },
      { kind: 'request', endpoint: 'record', statusCode: 200 },
    ]);
    expect(await simulator.journal({ kind: 'request', archiveId: 'a1' })).toHaveLength(1);
    expect(await simulator.journal({ archiveId: 'another' })).toEqual([]);
  });

  test('resets everything except the numbering of the journal', async () => {
    await simulator.createArchives({ archiveId: 'a1' });
    await simulator.untilStatus('a1', 'AVAILABLE');
    await ask(simulator, 'POST', '/subscriptions/subscriptions/webhook', {
      topic: TOPIC,
      url: 'https://x.test/y',
    });
    const before = (await simulator.journal()).at(-1)!.seq;
    await simulator.reset();

    expect((await ask(simulator, 'GET', '/conferences/archives')).json()).toEqual([]);
    expect((await ask(simulator, 'GET', '/subscriptions/subscriptions')).json()).toEqual([]);
    expect(await simulator.journal()).toMatchObject([{ seq: before + 1 }, { seq: before + 2 }]);
  });

  test('creates 2,000 archives of 1 KiB with little work', async () => {
    const begin = process.cpuUsage();
    const created = await simulator.createArchives({ count: 2000, size: 1024 });
    for (const { archiveId } of created.slice(-4)) await simulator.untilStatus(archiveId, 'AVAILABLE');

    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1000).toBeLessThan(4000);
    expect(created.every(({ sizeBytes }) => sizeBytes === 1024)).toBe(true);
  });

  test('returns a journal of more than one page', async () => {
    const created = await simulator.createArchives({ count: 5500, size: 1024 });
    for (const { archiveId } of created.slice(-4)) await simulator.untilStatus(archiveId, 'AVAILABLE');

    const entries = await simulator.journal({ kind: 'status' });
    expect(entries).toHaveLength(11_000);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  });

  test('journals requests without personal data or keys', async () => {
    await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1', size: 4000 });
    await simulator.untilStatus('a1', 'AVAILABLE');
    await ask(simulator, 'GET', `${recordPath('a1')}?api-key=simulator`);
    await ask(simulator, 'GET', downloadPath('a1'));
    await ask(simulator, 'POST', abandonPath('c1'));
    await ask({ url: simulator.url, apiKey: 'wrong' }, 'GET', '/conferences/archives');
    await ask(simulator, 'GET', '/nowhere');

    const entries = await simulator.journal({ kind: 'request' });
    expect(entries).toMatchObject([
      {
        endpoint: 'record',
        archiveId: 'a1',
        path: '/api/v2/communication/archives/archives/a1',
        complete: true,
      },
      { endpoint: 'download', archiveId: 'a1', statusCode: 200, bytesSent: 4000, complete: true },
      { endpoint: 'abandon', method: 'POST', conferenceId: 'c1', effect: true, affected: ['a1'] },
      { endpoint: 'list', statusCode: 401 },
      { endpoint: 'unknown', statusCode: 404 },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/@|simulator|wrong/);
  });

  test('reports that it is alive, and which request it does not understand', async () => {
    await simulator.ready();
    const response = await fetch(`${simulator.url}/_control/journal?after=yesterday`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: matching(/after/) });
  });

  test('refuses a retention that is too long to count', async () => {
    await expect(startSimulator({ expirationMs: 2 ** 31 })).rejects.toThrow(RangeError);
  });
});

describe('the journal', () => {
  test('keeps its capacity of entries, drops the oldest, and counts the dropped ones', () => {
    const journal = new Journal();
    const written = JOURNAL_CAPACITY + 60_000;
    for (let index = 0; index < written; index += 1) {
      journal.write({
        kind: 'status',
        archiveId: 'a',
        conferenceId: 'c',
        status: 'PACKING',
        cause: 'created',
      });
    }

    const entries = journal.read({});
    expect(entries.length).toBeGreaterThanOrEqual(JOURNAL_CAPACITY);
    expect(journal.dropped + entries.length).toBe(written);
    expect(entries[0]!.seq).toBe(journal.dropped + 1);
    expect(journal.read({ after: written - 2 }).map(({ seq }) => seq)).toEqual([written - 1, written]);
    expect(journal.read({ after: written })).toEqual([]);
  });
});
