import fs, { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveKey } from '../../../src/domain/ids';
import { SEALED } from '../../../src/store/archive-store';
import { checkBag } from '../../support/check-bag';
import {
  A_REPAIR,
  claim,
  factsOf,
  openWorkshop,
  secure,
  TENANT,
  untilTomorrow,
  type Workshop,
} from '../workshop';

const DAY = 24 * 60 * 60_000;

/** A copy that is not what it was is noticed, never relied on, and had again while the platform has it. */
describe('copies', () => {
  let workshop: Workshop;
  beforeAll(async () => (workshop = await openWorkshop()));
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => workshop.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(workshop.store.locationOf(key));

  /** From now on a sector of every archive is unreadable. */
  async function breakReads(): Promise<void> {
    const file = await fs.open(__filename);
    const prototype = Object.getPrototypeOf(file) as { read: (...args: unknown[]) => Promise<unknown> };
    await file.close();
    const { read } = prototype;
    jest.spyOn(prototype, 'read').mockImplementation(function (this: unknown, ...args: unknown[]) {
      if (args[2] !== 1024 * 1024) return read.apply(this, args);
      return Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'read' }));
    });
  }

  /** Has the ledger's times of an archive pass by so many days. */
  async function passDays(key: ArchiveKey, days: number): Promise<void> {
    await workshop.database.query(
      `UPDATE archives SET told_at = told_at - $2 * interval '1 day', fixity_due_at = fixity_due_at - $2 * interval '1 day',
         confirm_due_at = confirm_due_at - $2 * interval '1 day' WHERE archive_id = $1`,
      [key.archiveId, days],
    );
  }

  it('12. an unreadable sector of a copy that is being claimed is damage: a fresh file takes its place', async () => {
    const key = await workshop.archive();
    const facts = await factsOf(workshop, key);
    const first = await workshop.run('downloadArchive', key, facts);
    // As if the store had not read it back while it arrived.
    const store = {
      ...workshop.store,
      open: async (...args: Parameters<typeof workshop.store.open>) => {
        const reader = { ...(await workshop.store.open(...args)) };
        Reflect.deleteProperty(reader, 'readBack');
        return reader;
      },
    };
    await breakReads();
    await expect(workshop.runWith({ store }, 'verifyCopy', key, facts, first)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    jest.restoreAllMocks();
    await expect(workshop.store.open(key, first.copyId)).rejects.toMatchObject({ type: 'CopyMissing' });
    await expect(workshop.store.resume(key)).resolves.toBeUndefined();
    const second = await workshop.run('downloadArchive', key, facts);
    await expect(workshop.run('verifyCopy', key, facts, second)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
  });

  it('12. an unreadable sector of an abandoned copy is damage: it is repaired while the platform has the file', async () => {
    const key = await workshop.archive();
    await claim(workshop, key);
    await passDays(key, 2.5);
    await breakReads();
    await expect(workshop.run('sweepDue', TENANT)).resolves.toMatchObject({
      damaged: expect.arrayContaining([key]) as ArchiveKey[],
    });
    jest.restoreAllMocks();
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: false } });
  });

  it('13. an older success counts for nothing once a later fixity check has failed', async () => {
    const conferenceId = 'failed-later';
    const [one, other] = [await workshop.archive({ conferenceId }), await workshop.archive({ conferenceId })];
    await secure(workshop, one);
    await secure(workshop, other);
    const seen = (await workshop.ledger.find(other))?.fixity?.at ?? new Date();
    await workshop.ledger.noteMemberFixity(other, { verdict: 'damaged', seen });
    await expect(workshop.run('abandonArchive', one, {} as never)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    await expect(workshop.run('abandonArchive', other, {} as never)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    expect((await workshop.simulator.archive(one.archiveId)).status).toBe('AVAILABLE');
  });

  it('14. a secured copy that is gone when the file has expired is CopyDamaged, and never missed', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    await rm(bagOf(key), { recursive: true });
    await workshop.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(workshop.run('awaitAvailable', key, untilTomorrow())).rejects.toMatchObject({
      type: 'CopyDamaged',
      nonRetryable: true,
    });
    await workshop.run('needAttention', key, 'CopyDamaged');
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      attention: { reason: 'CopyDamaged' },
    });
    await workshop.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
  });

  it('15. a copy of what somebody else abandoned is rechecked and repaired like any other', async () => {
    const key = await workshop.archive();
    const { sha256 } = await secure(workshop, key);
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await workshop.run('reconcileArchives', TENANT);
    await truncate(join(bagOf(key), 'data/archive.zip'), 100);
    await passDays(key, 2.5);
    await expect(workshop.run('sweepDue', TENANT)).resolves.toMatchObject({
      damaged: expect.arrayContaining([key]) as ArchiveKey[],
    });
    const begun = await workshop.runWith(A_REPAIR, 'beginRepair', key);
    if (begun.outcome !== 'repair') throw new Error('There is nothing to repair.');
    const copy = await workshop.runWith(A_REPAIR, 'downloadArchive', key, begun.facts);
    expect(copy.copyId).not.toBe(SEALED);
    await expect(workshop.runWith(A_REPAIR, 'verifyCopy', key, begun.facts, copy)).resolves.toMatchObject({
      sha256,
    });
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
    await expect(workshop.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      fixity: { ok: true },
    });
  });

  it('a rescued archive is rechecked at once: nobody knows how long the platform still has its file', async () => {
    const key = await workshop.archive();
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await secure(workshop, key);
    const { state, fixityDueAt } = (await workshop.ledger.find(key)) ?? {};
    expect(state).toBe('abandoned');
    expect(Number(fixityDueAt)).toBeLessThanOrEqual(Date.now());
  });

  it('of what somebody else abandoned is rechecked by the last reading that showed AVAILABLE', async () => {
    const key = await workshop.archive();
    await secure(workshop, key);
    // Nobody looked for a day and a half: the platform may have been told a minute after the last look.
    await workshop.database.query(
      "UPDATE archives SET announced_at = announced_at - interval '36 hours', secured_at = secured_at - interval '36 hours'",
      [],
    );
    await workshop.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await workshop.run('reconcileArchives', TENANT);
    const { fixityDueAt } = (await workshop.ledger.find(key)) ?? {};
    const inDays = (Number(fixityDueAt) - Date.now()) / DAY;
    expect(inDays).toBeCloseTo(0.5, 1);
  });
});
