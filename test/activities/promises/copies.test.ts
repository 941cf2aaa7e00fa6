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
  openActivitySite,
  secure,
  TENANT,
  untilTomorrow,
  type ActivitySite,
} from '../activity-site';

const DAY = 24 * 60 * 60_000;

/** A copy that is not what it was is noticed, never relied on, and had again while the platform has it. */
describe('copies', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => site.close());

  const bagOf = (key: ArchiveKey) => fileURLToPath(site.store.locationOf(key));

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
    await site.database.query(
      `UPDATE archives SET told_at = told_at - $2 * interval '1 day', fixity_due_at = fixity_due_at - $2 * interval '1 day',
         confirm_due_at = confirm_due_at - $2 * interval '1 day' WHERE archive_id = $1`,
      [key.archiveId, days],
    );
  }

  it('12. with an unreadable sector count as damaged during a claim, which downloads the file again', async () => {
    const key = await site.archive();
    const facts = await factsOf(site, key);
    const first = await site.run('downloadArchive', key, facts);
    // As if the store had not read it back while it arrived.
    const store = {
      ...site.store,
      open: async (...args: Parameters<typeof site.store.open>) => {
        const reader = { ...(await site.store.open(...args)) };
        Reflect.deleteProperty(reader, 'readBack');
        return reader;
      },
    };
    await breakReads();
    await expect(site.runWith({ store }, 'verifyCopy', key, facts, first)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
    });
    jest.restoreAllMocks();
    await expect(site.store.open(key, first.copyId)).rejects.toMatchObject({ type: 'CopyMissing' });
    await expect(site.store.resume(key)).resolves.toBeUndefined();
    const second = await site.run('downloadArchive', key, facts);
    await expect(site.run('verifyCopy', key, facts, second)).resolves.toMatchObject({
      sha256: facts.sha256,
    });
  });

  it('12. with an unreadable sector count as damaged after the abandon, and are repaired in time', async () => {
    const key = await site.archive();
    await claim(site, key);
    await passDays(key, 2.5);
    await breakReads();
    await expect(site.run('sweepDue', TENANT)).resolves.toMatchObject({
      damaged: expect.arrayContaining([key]) as ArchiveKey[],
    });
    jest.restoreAllMocks();
    await expect(site.ledger.find(key)).resolves.toMatchObject({ fixity: { ok: false } });
  });

  it('13. whose later fixity check failed are not saved by an older success', async () => {
    const conferenceId = 'failed-later';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    await secure(site, one);
    await secure(site, other);
    const seen = (await site.ledger.find(other))?.fixity?.at ?? new Date();
    await site.ledger.noteMemberFixity(other, { verdict: 'damaged', seen });
    await expect(site.run('abandonArchive', one, {} as never)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'notSecured',
    });
    await expect(site.run('abandonArchive', other, {} as never)).rejects.toMatchObject({
      type: 'ChecksumMismatch',
      nonRetryable: true,
    });
    expect((await site.simulator.archive(one.archiveId)).status).toBe('AVAILABLE');
  });

  it('14. that are gone when the file has expired are CopyDamaged, never missed', async () => {
    const key = await site.archive();
    await secure(site, key);
    await rm(bagOf(key), { recursive: true });
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await expect(site.run('awaitAvailable', key, untilTomorrow())).rejects.toMatchObject({
      type: 'CopyDamaged',
      nonRetryable: true,
    });
    await site.run('needAttention', key, 'CopyDamaged');
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      attention: { reason: 'CopyDamaged' },
    });
    await site.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
  });

  it('15. of archives that somebody else abandoned are rechecked and repaired like any other', async () => {
    const key = await site.archive();
    const { sha256 } = await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('reconcileArchives', TENANT);
    await truncate(join(bagOf(key), 'data/archive.zip'), 100);
    await passDays(key, 2.5);
    await expect(site.run('sweepDue', TENANT)).resolves.toMatchObject({
      damaged: expect.arrayContaining([key]) as ArchiveKey[],
    });
    const begun = await site.runWith(A_REPAIR, 'beginRepair', key);
    if (begun.outcome !== 'repair') throw new Error('There is nothing to repair.');
    const copy = await site.runWith(A_REPAIR, 'downloadArchive', key, begun.facts);
    expect(copy.copyId).not.toBe(SEALED);
    await expect(site.runWith(A_REPAIR, 'verifyCopy', key, begun.facts, copy)).resolves.toMatchObject({
      sha256,
    });
    await expect(checkBag(bagOf(key))).resolves.toEqual([]);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'abandoned',
      fixity: { ok: true },
    });
  });

  it('of rescued archives are rechecked at once, because the platform may delete the file any time', async () => {
    const key = await site.archive();
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await secure(site, key);
    const { state, fixityDueAt } = (await site.ledger.find(key)) ?? {};
    expect(state).toBe('abandoned');
    expect(Number(fixityDueAt)).toBeLessThanOrEqual(Date.now());
  });

  it('of archives that somebody else abandoned are rechecked by the last reading of AVAILABLE', async () => {
    const key = await site.archive();
    await secure(site, key);
    // Nobody looked for a day and a half: the platform may have been told a minute after the last look.
    await site.database.query(
      "UPDATE archives SET announced_at = announced_at - interval '36 hours', secured_at = secured_at - interval '36 hours'",
      [],
    );
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('reconcileArchives', TENANT);
    const { fixityDueAt } = (await site.ledger.find(key)) ?? {};
    const inDays = (Number(fixityDueAt) - Date.now()) / DAY;
    expect(inDays).toBeCloseTo(0.5, 1);
  });
});
