import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveKey } from '../../../src/domain/ids';
import { openStore } from '../../../src/store/open-store';
import { systemError } from '../../store/failing-files';
import { checkBag } from '../../support/check-bag';
import { CountingEnvironment } from '../counting-environment';
import { openActivitySite, secure, TENANT, type ActivitySite } from '../activity-site';
import { abandoned, bagOf, daysPass, lastEvents, sweep } from './after-abandon';
import { NOTHING_DUE } from '../../workflows/script';
import { ledgerEvents } from '../../ledger/archives';

let site: ActivitySite;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(() => site.database.query('UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL'));

/** An archive whose copy is due to be verified again. */
async function due(): Promise<ArchiveKey> {
  const key = await abandoned(site);
  await daysPass(site, key, 2);
  return key;
}

describe('the sweep', () => {
  it('skips archives that are not due', async () => {
    await abandoned(site);
    expect(await sweep(site)).toEqual(NOTHING_DUE);
  });

  it('reads a due copy once, finds it whole, leaves it in its place and records the check', async () => {
    const key = await due();
    expect(await sweep(site)).toEqual({ ...NOTHING_DUE, rechecked: 1, whole: 1 });
    const entry = await site.ledger.find(key);
    expect(entry).toMatchObject({ state: 'abandoned', fixity: { ok: true } });
    expect(await lastEvents(site, key, 1)).toMatchObject([
      { type: 'fixity check', outcome: 'success', detail: { sha256: entry?.sha256 } },
    ]);
    expect(await checkBag(bagOf(site, key))).toEqual([]);
    expect(await sweep(site)).toEqual(NOTHING_DUE);
  });

  it('sweeps archives that somebody else abandoned, without a claim and without Temporal', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await site.run('reconcileArchives', TENANT);
    await daysPass(site, key, 2);
    expect(await sweep(site)).toMatchObject({ rechecked: 1, whole: 1 });
  });

  it('starts with the copy that has been due for the longest', async () => {
    const [younger, older] = [await due(), await due()];
    await daysPass(site, older, 1);
    const [first] = await site.ledger.dueForFixity(TENANT, 1);
    expect(first).toMatchObject(older);
    expect(await sweep(site)).toMatchObject({ rechecked: 2 });
    for (const key of [younger, older])
      expect(await site.ledger.find(key)).toHaveProperty('fixityDueAt', undefined);
  });

  it('checks the other copies even if the state of one cannot be determined', async () => {
    const [unclear] = [await due(), await due(), await due()];
    await daysPass(site, unclear, 1);
    const { store } = site;
    const open: typeof store.open = (key, copyId) =>
      key.archiveId === unclear.archiveId ? Promise.reject(systemError('EACCES')) : store.open(key, copyId);
    const batch = await site.runWith({ store: { ...store, open } }, 'sweepDue', TENANT);
    expect(batch).toEqual({ ...NOTHING_DUE, rechecked: 2, whole: 2 });
    expect(await site.ledger.dueForFixity(TENANT, 10)).toMatchObject([unclear]);
  });

  it("leaves another archive's bag where it is, and reports the copy as missing", async () => {
    const [key, other] = [await due(), await due()];
    await rm(bagOf(site, key), { recursive: true });
    await cp(bagOf(site, other), bagOf(site, key), { recursive: true });
    expect(await sweep(site)).toMatchObject({ rechecked: 2, whole: 1, damaged: [key] });
    expect(await checkBag(bagOf(site, key))).toEqual([]);
  });

  it('does not mistake an unusable store for a missing copy', async () => {
    const key = await due();
    const elsewhere = await mkdtemp(join(tmpdir(), 'archivist-unmounted-'));
    const store = openStore(`file:${elsewhere}`);
    await expect(site.runWith({ store }, 'sweepDue', TENANT)).rejects.toMatchObject({
      type: 'StoreUnavailable',
      nonRetryable: false,
    });
    expect(await site.ledger.find(key)).toMatchObject({ fixity: { ok: true } });
    await rm(elsewhere, { recursive: true });
    expect(await sweep(site)).toMatchObject({ whole: 1 });
  });

  it('records a copy once if two sweeps find it due at the same time', async () => {
    const keys = await Promise.all([due(), due(), due()]);
    const batches = await Promise.all([sweep(site), sweep(site)]);
    expect(batches[0].rechecked + batches[1].rechecked).toBe(3);
    for (const key of keys) {
      const checks = (await ledgerEvents(site.database, key)).filter(({ type }) => type === 'fixity check');
      expect(checks).toHaveLength(2);
    }
  });

  it('counts a damaged copy once, however often it is found, and counts overdue copies', async () => {
    const key = await due();
    await rm(bagOf(site, key), { recursive: true });
    const counting = new CountingEnvironment();
    for (let days = 0; days < 3; days += 1) {
      await site.runWith({ environment: counting.environment }, 'sweepDue', TENANT);
      await daysPass(site, key, 1);
    }
    expect(counting.valueOf('archivist_copies_damaged', TENANT)).toBe(1);
    expect(counting.valueOf('archivist_copies_repaired', TENANT)).toBe(0);
    expect(counting.valueOf('archivist_rechecks_overdue', TENANT)).toBe(0);
    const { store } = site;
    const check: typeof store.check = () => Promise.resolve();
    const open: typeof store.open = () => Promise.reject(systemError('EACCES'));
    const blind = { environment: counting.environment, store: { ...store, check, open } };
    await site.runWith(blind, 'sweepDue', TENANT);
    expect(counting.valueOf('archivist_rechecks_overdue', TENANT)).toBe(1);
  });

  it('publishes the number of overdue copies before it reads one, which can take hours', async () => {
    const key = await due();
    await daysPass(site, key, 1);
    const counting = new CountingEnvironment();
    const { environment } = counting;
    const overdue = () => counting.valueOf('archivist_rechecks_overdue', TENANT);
    const { store } = site;
    const shown: (number | undefined)[] = [];
    const open: typeof store.open = (...args) => {
      shown.push(overdue());
      return store.open(...args);
    };
    await site.runWith({ environment, store: { ...store, open } }, 'sweepDue', TENANT);
    expect(shown).toEqual([1]);
    expect(overdue()).toBe(0);
  });

  it('rejects an invalid tenant and one that is not configured', async () => {
    const run = (tenant: string) => site.run('sweepDue', tenant as never);
    await expect(run('../x')).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    await expect(run('other')).rejects.toMatchObject({ type: 'UnknownTenant', nonRetryable: true });
  });

  it('ends when it is cancelled, and records nothing more', async () => {
    const key = await due();
    const counting = new CountingEnvironment();
    counting.environment.cancel();
    await expect(site.runWith({ environment: counting.environment }, 'sweepDue', TENANT)).rejects.toThrow(
      /CANCELLED/i,
    );
    expect(await site.ledger.dueForFixity(TENANT, 1)).toMatchObject([key]);
  });
});
