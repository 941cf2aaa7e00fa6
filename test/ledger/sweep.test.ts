import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger, type LedgerEntry } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  age,
  EXPIRY,
  HOUR_MS,
  newKey,
  newTenant,
  OTHER_SHA256,
  secure,
  SHA256,
  tell,
  ledgerEvents,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  beforeEach(async () => {
    ledger = createLedger(database());
    key = newKey(newTenant());
    await secure(ledger, key, {}, 'run-1');
  });

  const entry = async () => (await ledger.find(key))!;
  const whole = { verdict: 'whole', sha256: SHA256, sizeBytes: 5_000_000_000, retryMs: HOUR_MS } as const;
  const damaged = { verdict: 'damaged', sha256: OTHER_SHA256, sizeBytes: 7, retryMs: HOUR_MS } as const;
  const recheck = async (check: typeof whole | typeof damaged) => ledger.recordRecheck(await entry(), check);
  const due = async () => (await ledger.dueForFixity(key.tenant, 10)).map(({ archiveId }) => archiveId);
  const toConfirm = async () =>
    (await ledger.dueForConfirmation(key.tenant, 10)).map(({ archiveId }) => archiveId);
  const checks = async () =>
    (await ledgerEvents(database(), key)).filter(({ type }) => type === 'fixity check');

  it('a recheck is due before the platform deletes its file, and a confirmation after the period', async () => {
    expect([await due(), await toConfirm()]).toEqual([[], []]);
    await tell(ledger, key);
    expect([await due(), await toConfirm()]).toEqual([[], []]);
    await age(database(), key, EXPIRY.recheckMs);
    expect([await due(), await toConfirm()]).toEqual([[key.archiveId], []]);
    await age(database(), key, EXPIRY.periodMs - EXPIRY.recheckMs);
    expect([await due(), await toConfirm()]).toEqual([[key.archiveId], [key.archiveId]]);
  });

  it('the ledger returns the copies that have been due for the longest first', async () => {
    const keys = [key, newKey(key.tenant), newKey(key.tenant)];
    for (const [index, each] of keys.entries()) {
      if (index > 0) await secure(ledger, each);
      await tell(ledger, each);
      await age(database(), each, EXPIRY.periodMs + (index === 1 ? HOUR_MS : 0));
    }
    const first = [keys[1]!, keys[0]!].map(({ archiveId }) => archiveId);
    const ids = (entries: LedgerEntry[]) => entries.map(({ archiveId }) => archiveId);
    expect(ids(await ledger.dueForFixity(key.tenant, 2))).toEqual(first);
    expect(ids(await ledger.dueForConfirmation(key.tenant, 2))).toEqual(first);
  });

  it('the ledger records a check once, even if several sweeps make it concurrently', async () => {
    await tell(ledger, key);
    await age(database(), key, EXPIRY.recheckMs);
    const read = await entry();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => ledger.recordRecheck(read, whole)));
    expect(outcomes.sort()).toEqual(['recorded', 'stale', 'stale', 'stale', 'stale']);
    expect(await due()).toEqual([]);
    expect((await checks()).at(-1)).toMatchObject({
      outcome: 'success',
      detail: { verdict: 'whole', sha256: SHA256 },
    });
  });

  it('the ledger schedules another check of a damaged copy, and reports the damage as news only once', async () => {
    await tell(ledger, key);
    expect(await recheck(damaged)).toBe('news');
    const first = await entry();
    expect(first).toMatchObject({
      fixity: { ok: false },
      attention: { reason: 'CopyDamaged', since: A_DATE },
    });
    expect(first.fixityDueAt!.getTime() - first.fixity!.at.getTime()).toBe(HOUR_MS);
    expect(await recheck(damaged)).toBe('recorded');
    expect((await entry()).attention).toEqual(first.attention);
    expect(await recheck(whole)).toBe('recorded');
    const repaired = await entry();
    expect([repaired.fixity?.ok, repaired.attention, repaired.fixityDueAt]).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  it('the ledger closes a row, with the evidence, only by a check that came after EXPIRED', async () => {
    await tell(ledger, key);
    expect(await recheck(whole)).toBe('recorded');
    await ledger.noteExpired(key);
    await ledger.noteExpired(key);
    expect(await entry()).toMatchObject({ state: 'abandoned', platformStatus: 'EXPIRED', expiredAt: A_DATE });
    expect([await due(), await toConfirm()]).toEqual([[key.archiveId], []]);
    expect(await recheck(damaged)).toBe('news');
    expect(await entry()).toMatchObject({ state: 'abandoned' });
    expect(await recheck(whole)).toBe('closed');
    expect(await entry()).toMatchObject({ state: 'closed', fixity: { ok: true } });
    const history = await ledgerEvents(database(), key);
    expect(history.filter(({ type }) => type === 'deletion')).toHaveLength(1);
    expect(history.at(-1)).toMatchObject({
      type: 'ingestion end',
      detail: { state: 'closed', platformStatus: 'EXPIRED', sha256: SHA256, sizeBytes: 5_000_000_000 },
    });
    expect(await due()).toEqual([]);
  });

  it('a copy that is found damaged after its row was closed needs attention, and the row stays closed', async () => {
    await tell(ledger, key);
    await ledger.noteExpired(key);
    await recheck(whole);
    expect(await recheck(damaged)).toBe('news');
    expect(await entry()).toMatchObject({ state: 'closed', attention: { reason: 'CopyDamaged' } });
    expect(await recheck(whole)).toBe('recorded');
    expect(await entry()).toMatchObject({ state: 'closed', fixity: { ok: true } });
  });

  it('the database refuses a closed row without the proof, whoever writes it', async () => {
    await tell(ledger, key);
    const close = "UPDATE archives SET state = 'closed' WHERE tenant = $1";
    await expect(database().query(close, [key.tenant])).rejects.toMatchObject({
      constraint: 'closed_is_proven',
    });
    await ledger.noteExpired(key);
    await expect(database().query(close, [key.tenant])).rejects.toMatchObject({
      constraint: 'closed_is_proven',
    });
  });

  it('EXPIRED means that the platform was told', async () => {
    await ledger.noteExpired(key);
    expect(await entry()).toMatchObject({
      state: 'abandoned',
      toldAt: A_DATE,
      ended: { reason: 'abandoned' },
    });
  });

  it('the ledger postpones the confirmation with a reason for attention, which EXPIRED clears', async () => {
    await tell(ledger, key);
    await age(database(), key, EXPIRY.periodMs);
    const postponed = { status: 'AVAILABLE', dueInMs: HOUR_MS, attention: 'AbandonUndone' };
    await ledger.postponeConfirmation(key, postponed);
    const first = await entry();
    expect(first).toMatchObject({ platformStatus: 'AVAILABLE', attention: { reason: 'AbandonUndone' } });
    expect(await toConfirm()).toEqual([]);
    await ledger.postponeConfirmation(key, postponed);
    expect((await entry()).attention).toEqual(first.attention);
    await ledger.postponeConfirmation(key, { status: 'ABANDONED', dueInMs: HOUR_MS });
    expect((await entry()).attention).toBeUndefined();
    await ledger.postponeConfirmation(key, { ...postponed, attention: 'ExpiryUnconfirmed' });
    await ledger.noteExpired(key);
    expect((await entry()).attention).toBeUndefined();
    await ledger.postponeConfirmation(key, postponed);
    expect((await entry()).confirmDueAt).toBeUndefined();
  });

  it('a postponed confirmation never hides that the copy is damaged', async () => {
    await tell(ledger, key);
    await recheck(damaged);
    await ledger.postponeConfirmation(key, { status: 'AVAILABLE', dueInMs: 0, attention: 'AbandonUndone' });
    expect((await entry()).attention).toMatchObject({ reason: 'CopyDamaged' });
    await ledger.noteExpired(key);
    expect((await entry()).attention).toMatchObject({ reason: 'CopyDamaged' });
  });

  it('the ledger counts the overdue checks and confirmations of each tenant', async () => {
    const { tenant } = key;
    const other = newTenant();
    await tell(ledger, key);
    await age(database(), key, EXPIRY.recheckMs + HOUR_MS);
    expect(await ledger.countOverdue([tenant], 2 * HOUR_MS)).toEqual([
      { tenant, rechecks: 0, confirmations: 0 },
    ]);
    expect(await ledger.countOverdue([tenant, other], 0)).toEqual([
      { tenant, rechecks: 1, confirmations: 0 },
      { tenant: other, rechecks: 0, confirmations: 0 },
    ]);
    await age(database(), key, EXPIRY.periodMs);
    expect(await ledger.countOverdue([tenant], 0)).toEqual([{ tenant, rechecks: 1, confirmations: 1 }]);
  });
});
