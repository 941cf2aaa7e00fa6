import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveKey } from '../../../src/domain/ids';
import {
  claim,
  openActivitySite,
  requestsTo,
  TENANT,
  untilTomorrow,
  type ActivitySite,
} from '../activity-site';
import { abandoned, bagOf, daysPass, flipBit, lastEvents, PAYLOAD, repair, sweep } from './after-abandon';
import { NOTHING_DUE } from '../../workflows/script';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

let site: ActivitySite;
beforeAll(async () => (site = await openActivitySite()));
afterAll(() => site.close());
beforeEach(async () => {
  await site.simulator.reset();
  await site.database.query('UPDATE archives SET fixity_due_at = NULL, confirm_due_at = NULL');
});

/** An archive whose deletion is to be confirmed; its copy was verified when that was due. */
async function overdue(status = 'ABANDONED', days = 3): Promise<ArchiveKey> {
  const key = await abandoned(site);
  await daysPass(site, key, 2);
  await sweep(site);
  await daysPass(site, key, days - 2);
  await site.simulator.setStatus(key.archiveId, { status });
  return key;
}

/** In how many milliseconds the platform is asked again. */
async function askedAgainIn(key: ArchiveKey): Promise<number> {
  const { confirmDueAt } = (await site.ledger.find(key))!;
  return confirmDueAt!.getTime() - Date.now();
}

describe('a deletion', () => {
  it('is confirmed by EXPIRED in the record; then a last fixity check closes the row with the evidence', async () => {
    const key = await overdue('EXPIRED');
    expect(await sweep(site)).toEqual({ ...NOTHING_DUE, expired: 1, rechecked: 1, whole: 1, closed: 1 });
    const entry = await site.ledger.find(key);
    expect(entry).toMatchObject({ state: 'closed', platformStatus: 'EXPIRED' });
    expect(entry!.fixity!.at.getTime()).toBeGreaterThanOrEqual(entry!.expiredAt!.getTime());
    expect(await lastEvents(site, key, 3)).toMatchObject([
      { type: 'deletion' },
      { type: 'fixity check', outcome: 'success' },
      { type: 'ingestion end', outcome: 'success', detail: { state: 'closed', sha256: entry!.sha256 } },
    ]);
    expect(await sweep(site)).toEqual(NOTHING_DUE);
  });

  it('is not requested from the platform before the period is over', async () => {
    const key = await abandoned(site);
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    const before = await requestsTo(site.simulator, 'record', key);
    expect(await sweep(site)).toEqual(NOTHING_DUE);
    expect(await requestsTo(site.simulator, 'record', key)).toBe(before);
  });

  it('is confirmed by the record even if a list showed it', async () => {
    const key = await abandoned(site);
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await site.run('reconcileArchives', TENANT);
    expect(await site.ledger.find(key)).toHaveProperty('expiredAt', undefined);
    expect(await sweep(site)).toMatchObject({ expired: 1, closed: 1 });
  });

  it('stays confirmed when a new claim of the closed archive finds nothing to do', async () => {
    const key = await overdue('EXPIRED');
    await sweep(site);
    await expect(site.run('awaitAvailable', key, untilTomorrow())).resolves.toMatchObject({
      outcome: 'done',
      state: 'closed',
    });
  });

  it.each(['ABANDONED', 'SOMETHING_NEW'])(
    'is checked again in an hour while the status is %s',
    async (status) => {
      const key = await overdue(status);
      expect(await sweep(site)).toEqual(NOTHING_DUE);
      expect(await askedAgainIn(key)).toBeGreaterThan(0.9 * HOUR);
      expect(await askedAgainIn(key)).toBeLessThan(1.1 * HOUR);
      expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
    },
  );

  it('is checked less often the later it is, and needs a person after a week', async () => {
    const key = await overdue('ABANDONED', 3.5);
    await sweep(site);
    expect(await askedAgainIn(key)).toBeGreaterThan(2 * HOUR);
    await daysPass(site, key, 5);
    await sweep(site);
    expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
    await daysPass(site, key, 2);
    await sweep(site);
    expect(await site.ledger.find(key)).toMatchObject({ attention: { reason: 'ExpiryUnconfirmed' } });
    expect(await askedAgainIn(key)).toBeLessThan(6.1 * HOUR);

    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await daysPass(site, key, 1);
    expect(await sweep(site)).toMatchObject({ closed: 1 });
    expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
  });

  it.each(['AVAILABLE', 'PROCESSING', 'FAILED'])(
    'needs a person if the status went back to %s; the sweep abandons nothing',
    async (status) => {
      const key = await overdue(status);
      expect(await sweep(site)).toEqual(NOTHING_DUE);
      expect(await site.ledger.find(key)).toMatchObject({
        state: 'abandoned',
        attention: { reason: 'AbandonUndone' },
      });
      expect(await requestsTo(site.simulator, 'abandon', key)).toBe(1);
    },
  );

  it('no longer needs a person when the status is ABANDONED again', async () => {
    const key = await overdue('AVAILABLE');
    await sweep(site);
    await site.simulator.setStatus(key.archiveId, { status: 'ABANDONED' });
    await daysPass(site, key, 1);
    await sweep(site);
    expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
  });

  it('is not confirmed by an error, and the sweep stops asking after several errors', async () => {
    const keys = [];
    for (let count = 0; count < 8; count += 1) keys.push(await abandoned(site));
    for (const key of keys) await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    for (const key of keys) await daysPass(site, key, 3);
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    expect(await sweep(site)).toMatchObject({ rechecked: 8, expired: 0, closed: 0 });
    const left = await site.ledger.dueForConfirmation(TENANT, 10);
    expect(left.length).toBeGreaterThanOrEqual(2);
    for (const key of keys) expect(await site.ledger.find(key)).toHaveProperty('expiredAt', undefined);
    await site.simulator.clearFaults();
    expect(await sweep(site)).toMatchObject({ expired: left.length, closed: left.length });
  });

  it('does not wait behind archives whose records the platform no longer has', async () => {
    const keys = [];
    for (let count = 0; count < 7; count += 1) keys.push(await abandoned(site));
    for (const key of keys) await daysPass(site, key, 3);
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 404 }]);
    await sweep(site);
    expect(await site.ledger.dueForConfirmation(TENANT, 10)).toEqual([]);
  });
});

describe('a row', () => {
  it('is not closed while its copy is damaged, until a person has restored the copy', async () => {
    const key = await overdue('EXPIRED');
    const kept = await mkdtemp(join(tmpdir(), 'archivist-kept-'));
    await cp(bagOf(site, key), kept, { recursive: true });
    await flipBit(join(bagOf(site, key), PAYLOAD), 0.5);
    expect(await sweep(site)).toMatchObject({ expired: 1, closed: 0, damaged: [key] });
    expect(await repair(site, key, 'too-late')).toBe('lost');
    expect(await site.ledger.find(key)).toMatchObject({
      state: 'abandoned',
      attention: { reason: 'CopyDamaged' },
      ended: { reason: 'CopyDamaged' },
    });

    await cp(kept, bagOf(site, key), { recursive: true });
    await daysPass(site, key, 1);
    expect(await sweep(site)).toMatchObject({ rechecked: 1, closed: 1, damaged: [] });
    expect(await site.ledger.find(key)).toMatchObject({ state: 'closed' });
    await rm(kept, { recursive: true });
  });

  it('is closed in whichever order recheck and confirmation fall due', async () => {
    const key = await site.archive();
    await claim(site, key);
    await site.simulator.setStatus(key.archiveId, { status: 'EXPIRED' });
    await daysPass(site, key, 30);
    const batch = await sweep(site);
    expect(batch).toMatchObject({ expired: 1, closed: 1, damaged: [] });
    expect(batch.rechecked).toBe(2);
  });

  it('whose recheck falls due long before the deletion is verified both times', async () => {
    const key = await abandoned(site);
    const { toldAt } = (await site.ledger.find(key))!;
    await flipBit(join(bagOf(site, key), PAYLOAD), 0.5);
    // Somebody looks at it out of turn.
    expect(await repair(site, key, 'out-of-turn')).toBe('repair');
    await daysPass(site, key, 1);
    expect(await sweep(site)).toMatchObject({ rechecked: 1, whole: 1 });
    const { fixityDueAt } = (await site.ledger.find(key))!;
    expect(fixityDueAt!.getTime() - toldAt!.getTime()).toBeCloseTo(DAY, -4);
  });
});
