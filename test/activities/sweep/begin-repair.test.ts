import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFacts } from '../../../src/domain/claim';
import type { ArchiveKey } from '../../../src/domain/ids';
import type { RepairBeginning } from '../../../src/domain/sweep';
import { activityEnvironment } from '../../support/activity-environment';
import { ledgerEvents } from '../../ledger/archives';
import {
  A_REPAIR,
  openActivitySite,
  requestsTo,
  secure,
  untilTomorrow,
  type ActivitySite,
} from '../activity-site';
import { abandoned, bagOf, daysPass, flipBit, lastEvents, PAYLOAD, repair, sweep } from './after-abandon';

let site: ActivitySite;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(async () => {
  await site.simulator.clearFaults();
  await site.database.query('UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL');
});

/** An archive whose copy the sweep has found damaged. */
async function damaged(): Promise<ArchiveKey> {
  const key = await abandoned(site);
  await daysPass(site, key, 2);
  await flipBit(join(bagOf(site, key), PAYLOAD), 0.5);
  await sweep(site);
  return key;
}

const downloads = (key: ArchiveKey) => requestsTo(site.simulator, 'download', key);

describe('a repair', () => {
  it('starts from the secured facts, never from the current record', async () => {
    const key = await damaged();
    const { conferenceId, sha256 } = (await site.ledger.find(key))!;
    await site.simulator.setFaults([{ fault: 'wrongChecksum' }]);
    await expect(site.runWith(A_REPAIR, 'beginRepair', key)).resolves.toEqual({
      outcome: 'repair',
      facts: { conferenceId, sha256, platformStatus: 'ABANDONED' },
    });
  });

  it('makes the sweep wait for six hours, and no longer', async () => {
    const key = await damaged();
    await site.runWith(A_REPAIR, 'beginRepair', key);
    const { fixityDueAt } = (await site.ledger.find(key))!;
    const hours = (fixityDueAt!.getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(5.9);
    expect(hours).toBeLessThan(6.1);
  });

  it('that nobody began is reported by the sweep again after a quarter of an hour', async () => {
    const key = await damaged();
    expect(await sweep(site)).toMatchObject({ damaged: [] });
    await daysPass(site, key, 16 / (24 * 60));
    expect(await sweep(site)).toMatchObject({ damaged: [key] });
  });

  it.each(['ABANDONED', 'EXPIRED', 'FAILED'])(
    'leaves an undamaged copy alone, and ends: %s',
    async (status) => {
      const key = await abandoned(site);
      await site.simulator.setStatus(key.archiveId, { status });
      const before = await downloads(key);
      expect(await repair(site, key, 'for-nothing')).toBe('whole');
      expect(await downloads(key)).toBe(before);
      expect(await site.ledger.find(key)).toMatchObject({ ended: { reason: 'whole' } });
    },
  );

  it('moves a bag only when the better copy is verified, and sets the damaged bag aside', async () => {
    const key = await damaged();
    const facts = factsIn(await site.runWith({ ...A_REPAIR, runId: 'one' }, 'beginRepair', key));
    const copy = await site.runWith({ ...A_REPAIR, runId: 'one' }, 'downloadArchive', key, facts);
    await expect(site.store.findSealed(key)).resolves.toBeDefined();
    await site.runWith({ ...A_REPAIR, runId: 'one' }, 'verifyCopy', key, facts, copy);
    expect(await repair(site, key, 'two')).toBe('whole');
  });

  it('ends if the platform no longer has the file: the copy is lost, and a person must look', async () => {
    const key = await damaged();
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    expect(await repair(site, key, 'late')).toBe('lost');
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      attention: { reason: 'CopyDamaged' },
      expiredAt: expect.any(Date) as Date,
    });
    await expect(site.store.findSealed(key)).resolves.toBeDefined();
  });

  it.each([
    ['PROCESSING', 'NotYetAvailable', false],
    ['SOMETHING_NEW', 'NotYetAvailable', false],
    ['FAILED', 'PlatformFailed', true],
  ])('waits while the status is %s', async (status, type, nonRetryable) => {
    const key = await damaged();
    await site.simulator.setStatus(key.archiveId, { status });
    await expect(site.runWith(A_REPAIR, 'beginRepair', key)).rejects.toMatchObject({
      type,
      nonRetryable,
    });
  });

  it('reads no copy and records nothing while the record cannot be read', async () => {
    const key = await damaged();
    const before = await ledgerEvents(site.database, key);
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404 }]);
    const open = jest.spyOn(site.store, 'open');
    const begun = site.runWith(A_REPAIR, 'beginRepair', key);
    await expect(begun).rejects.toMatchObject({ type: 'ArchiveNotFound', nonRetryable: false });
    expect(open).not.toHaveBeenCalled();
    open.mockRestore();
    expect(await ledgerEvents(site.database, key)).toEqual(before);
  });

  it('ends without a record, too, if the copy was restored and later found whole', async () => {
    const key = await damaged();
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404 }]);
    const scheduledTimestampMs = Date.now();
    const again = (attempt: number) => {
      const environment = activityEnvironment(attempt, { ...A_REPAIR, runId: 'run-1', scheduledTimestampMs });
      return site.runWith({ environment }, 'beginRepair', key);
    };
    await expect(again(1)).rejects.toMatchObject({ type: 'ArchiveNotFound' });
    await flipBit(join(bagOf(site, key), PAYLOAD), 0.5);
    await daysPass(site, key, 1);
    await sweep(site);
    await expect(again(2)).resolves.toEqual({ outcome: 'whole' });
    expect(await site.ledger.find(key)).toMatchObject({
      ended: { reason: 'whole' },
      fixity: { ok: true },
    });
  });

  it('fences off an older repair', async () => {
    const key = await damaged();
    const facts = factsIn(await site.runWith({ ...A_REPAIR, runId: 'older' }, 'beginRepair', key));
    const copy = await site.runWith({ ...A_REPAIR, runId: 'older' }, 'downloadArchive', key, facts);
    expect(await repair(site, key, 'newer')).toBe('repair');
    await rm(join(bagOf(site, key), PAYLOAD));
    // What the older one found, and did, counts no more; Temporal gives its attempts a later time, so this one is made by hand.
    const { fence_at: latest } = (
      await site.database.query('SELECT fence_at FROM archives WHERE archive_id = $1', [key.archiveId])
    )[0]!;
    const fence = { at: Number(latest) - 1, runId: 'older', step: 3, attempt: 1, repairs: true };
    const { sha256 = '', sizeBytes = 0, location = '', conferenceId } = (await site.ledger.find(key))!;
    const secured = { sha256, sizeBytes, location, conferenceId: conferenceId! };
    await expect(site.ledger.secureCopy(key, fence, secured)).resolves.toBe('fenced');
    expect(copy.sizeBytes).toBe(sizeBytes);
  });

  it('is refused if no copy was ever secured, and leaves the claim alone', async () => {
    const key = await site.archive();
    await site.runWith({ runId: 'a-claim' }, 'awaitAvailable', key, untilTomorrow());
    await expect(site.runWith(A_REPAIR, 'beginRepair', key)).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
    });
    expect(await site.ledger.find(key)).toMatchObject({ runId: 'a-claim' });
  });

  it('leaves a running claim alone, and gives way to a claim that begins', async () => {
    const key = await site.archive();
    await secure(site, key);
    await rm(bagOf(site, key), { recursive: true });
    expect(await repair(site, key, 'too-early')).toBe('claimed');
    await site.run('endClaim', key, { kind: 'failed', reason: 'CopyDamaged' });
    const facts = factsIn(await site.runWith(A_REPAIR, 'beginRepair', key));
    await site.run('awaitAvailable', key, untilTomorrow());
    const late = site.runWith(A_REPAIR, 'downloadArchive', key, facts);
    await expect(late).rejects.toMatchObject({ type: 'FencedOff', nonRetryable: false });
    await secure(site, key);
    expect(await site.ledger.find(key)).toMatchObject({ fixity: { ok: true }, isRepair: false });
  });

  it('works for archives that are secured but not yet abandoned', async () => {
    const key = await site.archive();
    const { sha256 } = await secure(site, key);
    await site.run('endClaim', key, { kind: 'failed', reason: 'CopyDamaged' });
    await rm(bagOf(site, key), { recursive: true });
    expect(await repair(site, key, 'early')).toBe('repair');
    await expect(site.store.findSealed(key)).resolves.toMatchObject({ sha256 });
    expect((await lastEvents(site, key, 1))[0]).toMatchObject({ type: 'recovery' });
  });
});

function factsIn(begun: RepairBeginning): ArchiveFacts {
  if (begun.outcome === 'repair') return begun.facts;
  throw new Error(`There is nothing to repair: ${begun.outcome}.`);
}
