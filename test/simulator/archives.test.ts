import { setTimeout as pause } from 'node:timers/promises';
import { startSimulator, type Simulator, type StatusEntry } from '../../src/simulator';
import { matching, STRING } from './matchers';
import { abandonPath, ask, recordPath } from './platform-access';

const GIB = 2 ** 30;

describe('the simulated archives', () => {
  let simulator: Simulator;

  beforeEach(async () => (simulator = await startSimulator({ expirationMs: 60_000 })));
  afterEach(() => simulator.close());

  async function recordOf(archiveId: string): Promise<Record<string, unknown>> {
    return (await ask(simulator, 'GET', recordPath(archiveId))).json();
  }

  async function courseOf(archiveId: string): Promise<readonly string[]> {
    const entries = await simulator.journal({ kind: 'status', archiveId });
    return (entries as readonly StatusEntry[]).map(({ status, cause }) => `${status} (${cause})`);
  }

  describe('a record', () => {
    test('contains conference, people and times', async () => {
      await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1', size: 1024, seed: 'x' });

      expect(await recordOf('a1')).toMatchObject({
        archiveId: 'a1',
        conferenceId: 'c1',
        start: matching(/^2025-.*Z$/),
        end: matching(/^2025-.*Z$/),
        expert: { name: STRING, email: matching(/@/) },
        participants: { 0: { name: STRING, email: matching(/@/) } },
      });
    });

    test('contains a checksum only when the archive is available', async () => {
      const statuses = [{ status: 'PROCESSING', forMs: 60_000 }, { status: 'AVAILABLE' }];
      await simulator.createArchives({ archiveId: 'a1', size: 1024, statuses });
      await pause(20);
      expect(await recordOf('a1')).not.toHaveProperty('sha256CheckSum');

      const { sha256 } = await simulator.setStatus('a1', { status: 'AVAILABLE' });

      expect(await recordOf('a1')).toHaveProperty('sha256CheckSum', sha256);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    test('contains the reason why the archive failed', async () => {
      await simulator.createArchives({
        archiveId: 'a1',
        statuses: [{ status: 'FAILED', error: 'No disk.' }],
      });

      expect(await recordOf('a1')).toMatchObject({ status: 'FAILED', error: 'No disk.' });
      expect(await recordOf('a1')).not.toHaveProperty('sha256CheckSum');
    });

    test('is overridden by the fields of the spec, and omits those that are null', async () => {
      const record = { conferenceId: 'forged', tags: [1, null], participants: null };
      await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1', record });

      const found = await recordOf('a1');
      expect(found).toMatchObject({ archiveId: 'a1', conferenceId: 'forged', tags: [1, null] });
      expect(found).not.toHaveProperty('participants');
    });

    test('of an unknown archive is not found', async () => {
      expect((await ask(simulator, 'GET', recordPath('nobody'))).status).toBe(404);
    });
  });

  test.each(['/conferences/archives', '/archives/archives'])('are listed at %s', async (path) => {
    await simulator.createArchives({ count: 3, archiveId: 'a', size: 1024 });

    const records = (await ask(simulator, 'GET', path)).list();
    expect(records.map(({ archiveId }) => archiveId)).toEqual(['a-1', 'a-2', 'a-3']);
    expect(records[0]).toEqual(await recordOf('a-1'));
  });

  test('become AVAILABLE by themselves', async () => {
    await simulator.createArchives({ archiveId: 'a1' });
    await simulator.untilStatus('a1', 'AVAILABLE');

    expect(await courseOf('a1')).toEqual(['PACKING (created)', 'AVAILABLE (course)']);
  });

  test('pass through the requested statuses', async () => {
    const statuses = [
      { status: 'PROCESSING', forMs: 60 },
      { status: 'SOMETHING_NEW', forMs: 60 },
      { status: 'AVAILABLE' },
    ];
    const begin = Date.now();
    await simulator.createArchives({ archiveId: 'a1', statuses });
    await simulator.untilStatus('a1', 'AVAILABLE');

    expect(Date.now() - begin).toBeGreaterThanOrEqual(118);
    expect(await courseOf('a1')).toEqual([
      'PROCESSING (created)',
      'SOMETHING_NEW (course)',
      'AVAILABLE (course)',
    ]);
  });

  test('do not become AVAILABLE before their checksum is known', async () => {
    await simulator.createArchives({ archiveId: 'big', size: 2 * GIB });
    const forced = simulator.setStatus('big', { status: 'AVAILABLE' });
    await pause(50);

    expect(await simulator.archive('big')).toMatchObject({ status: 'PACKING' });
    await simulator.reset();
    await expect(forced).resolves.not.toHaveProperty('sha256');
  });

  test('keep a forced status', async () => {
    const statuses = [{ status: 'PROCESSING', forMs: 50 }, { status: 'AVAILABLE' }];
    await simulator.createArchives({ archiveId: 'a1', statuses });
    await simulator.setStatus('a1', { status: 'FAILED', error: 'Broken.' });
    await pause(80);

    expect(await simulator.archive('a1')).toMatchObject({ status: 'FAILED', error: 'Broken.' });
  });

  describe('an abandon', () => {
    test.each([
      ['conference', abandonPath('c1')],
      ['archive', `${recordPath('a1')}/abandon`],
    ])('by %s makes an archive ABANDONED, then EXPIRED', async (_by, path) => {
      await simulator.close();
      simulator = await startSimulator({ expirationMs: 50 });
      await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1' });
      await simulator.untilStatus('a1', 'AVAILABLE');

      const { status, json } = await ask(simulator, 'POST', path);
      expect([status, json()]).toEqual([200, [{ archiveId: 'a1', status: 'ABANDONED' }]]);

      await simulator.untilStatus('a1', 'EXPIRED');
      expect((await courseOf('a1')).slice(2)).toEqual(['ABANDONED (abandon)', 'EXPIRED (expiry)']);
    });

    test('affects every available archive of the conference and no other', async () => {
      await simulator.createArchives({ count: 2, archiveId: 'a', conferenceId: 'c1', size: 1024 });
      await simulator.createArchives({ archiveId: 'other', conferenceId: 'c2', size: 1024 });
      for (const id of ['a-1', 'a-2', 'other']) await simulator.untilStatus(id, 'AVAILABLE');

      await ask(simulator, 'POST', abandonPath('c1'));

      const states = await Promise.all(['a-1', 'a-2', 'other'].map((id) => simulator.archive(id)));
      expect(states.map(({ status }) => status)).toEqual(['ABANDONED', 'ABANDONED', 'AVAILABLE']);
    });

    test('has an effect once, even if it is sent repeatedly', async () => {
      await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1' });
      await simulator.untilStatus('a1', 'AVAILABLE');

      const answers = await Promise.all([1, 2, 3].map(() => ask(simulator, 'POST', abandonPath('c1'))));

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      const entries = await simulator.journal({ endpoint: 'abandon', conferenceId: 'c1' });
      expect(entries).toMatchObject([
        { effect: true, affected: ['a1'] },
        { effect: false, affected: [] },
        { effect: false, affected: [] },
      ]);
    });

    test('is accepted with an empty body and the content type JSON', async () => {
      await simulator.createArchives({ archiveId: 'a1', conferenceId: 'c1' });
      await simulator.untilStatus('a1', 'AVAILABLE');

      const response = await fetch(`${simulator.url}/api/v2/communication${abandonPath('c1')}`, {
        method: 'POST',
        headers: { 'api-key': simulator.apiKey, 'content-type': 'application/json' },
      });
      expect(response.status).toBe(200);
    });

    test('is refused with 409 before the archive is available, and with 404 for an unknown conference', async () => {
      await simulator.createArchives({ conferenceId: 'c1', statuses: [{ status: 'PROCESSING' }] });

      expect((await ask(simulator, 'POST', abandonPath('c1'))).status).toBe(409);
      expect((await ask(simulator, 'POST', abandonPath('nobody'))).status).toBe(404);
    });
  });
});
