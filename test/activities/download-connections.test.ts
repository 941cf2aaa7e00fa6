import type { PlatformOf } from '../../src/platform/platform';
import type { RequestEntry } from '../../src/simulator';
import { attempt, bring, downloadsOf, failure, MIB, untilDownloads } from './downloading';
import { factsOf, openWorkshop, type Workshop } from './workshop';

const SIZE = 200 * MIB;

describe('a download over several connections', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  const over = (connections: number) => ({ settings: { ...workshop.settings, connections } });

  it('brings the same bytes, each connection a part of its own', async () => {
    const key = await workshop.archive({ size: SIZE });
    const facts = await factsOf(workshop, key);
    const copy = await attempt(workshop, key, facts, over(4));
    await expect(workshop.run('verifyCopy', key, facts, copy)).resolves.toMatchObject({
      sha256: facts.sha256,
      sizeBytes: SIZE,
    });
    const downloads = await untilDownloads(workshop, key, 4);
    expect(startsOf(downloads)).toEqual([0, 50 * MIB, 100 * MIB, 150 * MIB]);
    expect(downloads.map(({ statusCode }) => statusCode).sort()).toEqual([200, 206, 206, 206]);
    expect(sent(downloads)).toBeLessThan(1.3 * SIZE);
  });

  it('uses one where a part would be too short to be worth another', async () => {
    const key = await workshop.archive({ size: 30 * MIB });
    await bring(workshop, key, await factsOf(workshop, key), over(4));
    expect(await untilDownloads(workshop, key, 1)).toHaveLength(1);
  });

  it.each(['weakETag', 'noETag'] as const)(
    'uses one where the file cannot be told from another (%s)',
    async (fault) => {
      const key = await workshop.archive({ size: 70 * MIB, faults: [{ fault }] });
      const facts = await factsOf(workshop, key);
      const { verified } = await bring(workshop, key, facts, over(2));
      expect(verified.sha256).toBe(facts.sha256);
      expect(await untilDownloads(workshop, key, 1)).toHaveLength(1);
    },
  );

  it('keeps what all of them brought where one breaks off, and asks for what is missing', async () => {
    const key = await workshop.archive({
      size: 100 * MIB,
      // The first request is spared.
      faults: [
        { fault: 'slowHeaders', endpoint: 'download', ms: 0, times: 1 },
        { fault: 'truncate', times: 1 },
      ],
    });
    const facts = await factsOf(workshop, key);
    expect(await failure(attempt(workshop, key, facts, over(3)))).toMatchObject({
      type: 'TransferInterrupted',
    });
    const before = (await untilDownloads(workshop, key, 3)).length;
    const copy = await attempt(workshop, key, facts, { ...over(3), attempt: 2 });
    await expect(workshop.run('verifyCopy', key, facts, copy)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
    const later = (await downloadsOf(workshop, key)).slice(before);
    expect(later.every(({ statusCode }) => statusCode === 206)).toBe(true);
  });

  it('never uses more than it may, however many parts an earlier attempt left out', async () => {
    const key = await workshop.archive({ size: 8 * MIB });
    const facts = await factsOf(workshop, key);
    const left = await workshop.store.receive(key, { validator: `"${facts.sha256}"`, totalBytes: 8 * MIB });
    for (let part = 1; part < 8; part += 2) await left.write(part * MIB, Buffer.alloc(MIB));
    await left.release();

    let most = 0;
    let current = 0;
    const platformOf: PlatformOf = (tenant) => {
      const platform = workshop.platformOf(tenant);
      return {
        ...platform,
        async download(...asked) {
          most = Math.max(most, (current += 1));
          const download = await platform.download(...asked);
          download.body.once('close', () => (current -= 1));
          return download;
        },
      };
    };
    await attempt(workshop, key, facts, { ...over(2), platformOf });
    expect(most).toBeLessThanOrEqual(2);
  });

  it.each([
    ['does not serve parts after all', { fault: 'ignoreRange' }],
    ['has another file by then', { fault: 'newETag', otherBytes: false }],
    ['has no such ranges', { fault: 'rangeNotSatisfiable' }],
  ] as const)('is one that is interrupted where the server %s, and is tried with one', async (_, fault) => {
    const key = await workshop.archive({ size: 100 * MIB, faults: [fault] });
    const facts = await factsOf(workshop, key);
    const { verified, failures } = await bring(workshop, key, facts, over(3));
    expect(verified.sha256).toBe(facts.sha256);
    expect(failures.filter((type) => type !== 'TransferInterrupted')).toEqual([]);
  });
});

function startsOf(downloads: readonly RequestEntry[]): readonly (number | undefined)[] {
  return downloads.map(({ range }) => range?.start).sort((one, other) => (one ?? 0) - (other ?? 0));
}

function sent(downloads: readonly RequestEntry[]): number {
  return downloads.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
}
