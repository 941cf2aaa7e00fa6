import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArchiveId, type ArchiveKey } from '../../src/domain/ids';
import { abandoned, bagOf, flipBit, lastEvents, PAYLOAD } from './after-abandon';
import { openWorkshop, requestsTo, secure, TENANT, type Workshop } from './workshop';

describe('findAbandoned', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  it('gives what was secured, and when it was abandoned', async () => {
    const key = await abandoned(workshop);
    const entry = await workshop.ledger.find(key);
    await expect(workshop.run('findAbandoned', key)).resolves.toEqual({
      conferenceId: entry?.conferenceId,
      sha256: entry?.sha256,
      sizeBytes: entry?.sizeBytes,
      location: entry?.location,
      state: 'abandoned',
      abandonedAt: entry?.abandonedAt?.toISOString(),
    });
  });

  it('refuses what was never abandoned', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    for (const candidate of [key, { tenant: TENANT, archiveId: parseArchiveId('unknown') }])
      await expect(workshop.run('findAbandoned', candidate)).rejects.toMatchObject({
        type: 'NotAbandoned',
        nonRetryable: true,
      });
  });
});

describe('awaitExpired', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  it.each(['ABANDONED', 'SOMETHING_NEW'])('asks again, benignly, while the status is %s', async (status) => {
    const key = await abandoned(workshop);
    await workshop.simulator.setStatus(key.archiveId, { status });
    await expect(workshop.run('awaitExpired', key)).rejects.toMatchObject({
      type: 'NotYetExpired',
      nonRetryable: false,
      category: 'BENIGN',
    });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      platformStatus: status,
    });
  });

  it.each(['AVAILABLE', 'PROCESSING', 'FAILED'])(
    'needs a person where the status went back to %s, and abandons nothing by itself',
    async (status) => {
      const key = await abandoned(workshop);
      await workshop.simulator.setStatus(key.archiveId, { status });
      await expect(workshop.run('awaitExpired', key)).rejects.toMatchObject({
        type: 'AbandonUndone',
        nonRetryable: true,
      });
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({
        state: 'abandoned',
        platformStatus: status,
      });
      expect(await requestsTo(workshop.simulator, 'abandon', key)).toBe(1);
    },
  );

  it('takes no error for a confirmation', async () => {
    const key = await abandoned(workshop);
    await workshop.simulator.reset();
    await expect(workshop.run('awaitExpired', key)).rejects.toMatchObject({
      type: 'ArchiveNotFound',
      nonRetryable: false,
    });
    expect(await workshop.ledger.find(key)).not.toHaveProperty('expiredAt');
  });

  it('records the confirmation once, and keeps the record as it was when the copy was secured', async () => {
    const key = await abandoned(workshop);
    const { recordSource } = (await workshop.ledger.find(key))!;
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await workshop.run('awaitExpired', key);
    const { expiredAt } = (await workshop.ledger.find(key))!;
    await workshop.run('awaitExpired', key);
    expect(await workshop.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      platformStatus: 'EXPIRED',
      expiredAt,
      recordSource,
    });
    expect((await lastEvents(workshop, key, 1))[0]).toMatchObject({ type: 'deletion' });
  });
});

describe('closeArchive', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterAll(() => workshop.close());

  async function expired(): Promise<ArchiveKey> {
    const key = await abandoned(workshop);
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await workshop.run('awaitExpired', key);
    return key;
  }

  it('closes what was read back after the confirmation, and gives the evidence, however often it runs', async () => {
    const key = await expired();
    await workshop.run('recheckCopy', key);
    const closed = await workshop.run('closeArchive', key);
    const entry = await workshop.ledger.find(key);
    expect(entry).toMatchObject({ state: 'closed' });
    expect(closed).toEqual({
      conferenceId: entry?.conferenceId,
      sha256: entry?.sha256,
      sizeBytes: entry?.sizeBytes,
      location: entry?.location,
      expiredAt: entry?.expiredAt?.toISOString(),
      verifiedAt: entry?.lastVerifiedAt?.toISOString(),
    });
    await expect(workshop.run('closeArchive', key)).resolves.toEqual(closed);
  });

  it('closes nothing before the confirmation, nor before the copy was read back after it', async () => {
    const waiting = await abandoned(workshop);
    await workshop.run('recheckCopy', waiting);
    for (const key of [waiting, await expired()]) {
      await expect(workshop.run('closeArchive', key)).resolves.toBeUndefined();
      await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
    }
  });

  it('closes nothing whose copy was damaged at the last look, until a person has put it back', async () => {
    const key = await expired();
    const kept = await mkdtemp(join(tmpdir(), 'archivist-kept-'));
    await cp(bagOf(workshop, key), kept, { recursive: true });
    await flipBit(join(bagOf(workshop, key), PAYLOAD), 0.5);
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('damaged');
    await expect(workshop.run('closeArchive', key)).resolves.toBeUndefined();

    await cp(kept, bagOf(workshop, key), { recursive: true });
    await expect(workshop.run('recheckCopy', key)).resolves.toBe('whole');
    await expect(workshop.run('closeArchive', key)).resolves.toBeDefined();
    await rm(kept, { recursive: true });
  });

  it('is a matter of the ledger alone: a new claim of what is closed finds everything done', async () => {
    const key = await expired();
    await workshop.run('recheckCopy', key);
    await workshop.run('closeArchive', key);
    await expect(workshop.run('awaitAvailable', key)).resolves.toMatchObject({
      outcome: 'done',
      closed: true,
    });
  });
});
