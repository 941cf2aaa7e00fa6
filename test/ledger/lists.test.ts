import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantId } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { newTenant } from './archives';

const NO_PAUSE = { factor: 0, longestMs: 0 };

withDatabase((database) => {
  let ledger: Ledger;
  let tenant: TenantId;
  beforeEach(() => {
    ledger = createLedger(database());
    tenant = newTenant();
  });

  const beginning = async (leaseMs = 60_000) => (await ledger.beginList(tenant, 'me', leaseMs)) ?? 'none';

  it('only one of several concurrent readers of a tenant may begin a list', async () => {
    const begun = await Promise.all(Array.from({ length: 10 }, () => ledger.beginList(tenant, 'me', 60_000)));
    expect(begun.filter((id) => id !== undefined)).toHaveLength(1);
    expect(await ledger.beginList(newTenant(), 'me', 60_000)).toBeDefined();
  });

  it('a reader may begin a list when the previous lease has lapsed, and the previous list is not whole', async () => {
    const lapsed = await beginning(0);
    const next = await beginning();
    expect(await ledger.renewList(lapsed, 60_000)).toBe(false);
    expect(await ledger.endList(lapsed, true, { factor: 1_000, longestMs: 60_000 })).toBe(false);
    expect((await ledger.latestList(tenant)).begunAt).toBeUndefined();
    expect(await ledger.endList(next, true, NO_PAUSE)).toBe(true);
    expect((await ledger.latestList(tenant)).begunAt).toBeInstanceOf(Date);
  });

  it('a reader keeps its turn while it renews the lease', async () => {
    const id = await beginning(0);
    expect(await ledger.renewList(id, 60_000)).toBe(true);
    expect(await ledger.beginList(tenant, 'other', 60_000)).toBeUndefined();
    expect(await ledger.endList(id, false, NO_PAUSE)).toBe(true);
    expect(await ledger.renewList(id, 60_000)).toBe(false);
  });

  it('a list counts as whole, from the time it began, only if it was read to its end', async () => {
    const before = (await ledger.latestList(tenant)).now;
    const whole = await beginning();
    await ledger.endList(whole, true, NO_PAUSE);
    const { begunAt } = await ledger.latestList(tenant);
    await ledger.endList(await beginning(), false, NO_PAUSE);
    await beginning();
    const latest = await ledger.latestList(tenant);
    expect(latest.begunAt).toEqual(begunAt);
    expect(begunAt!.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(latest.now.getTime()).toBeGreaterThanOrEqual(begunAt!.getTime());
  });

  it('a list can be ended only once', async () => {
    const id = await beginning();
    expect(await ledger.endList(id, false, NO_PAUSE)).toBe(true);
    expect(await ledger.endList(id, true, NO_PAUSE)).toBe(false);
    expect((await ledger.latestList(tenant)).begunAt).toBeUndefined();
  });

  it('the pause after a list is proportional to its duration, up to a limit', async () => {
    const short = await beginning();
    await ledger.endList(short, true, { factor: 1_000_000, longestMs: 300 });
    expect(await ledger.beginList(tenant, 'other', 60_000)).toBeUndefined();
    await sleep(350);
    const long = await beginning();
    await sleep(100);
    await ledger.endList(long, false, { factor: 3, longestMs: 60_000 });
    expect(await ledger.beginList(tenant, 'other', 60_000)).toBeUndefined();
    await sleep(2_000);
    expect(await ledger.beginList(tenant, 'other', 60_000)).toBeDefined();
  });

  it('the ledger deletes old lists', async () => {
    await ledger.endList(await beginning(), true, NO_PAUSE);
    await database().query("UPDATE lists SET begun_at = begun_at - interval '8 days' WHERE tenant = $1", [
      tenant,
    ]);
    await beginning();
    expect(await database().query('SELECT 1 FROM lists WHERE tenant = $1', [tenant])).toHaveLength(1);
  });
});
