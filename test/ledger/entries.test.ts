import { SHOWN_STATES } from '../../src/domain/states';
import type { ArchiveKey, TenantId } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  age,
  begin,
  fence,
  HOUR_MS,
  list,
  newConference,
  newKey,
  newTenant,
  secure,
  tell,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let tenant: TenantId;
  beforeEach(() => {
    ledger = createLedger(database());
    tenant = newTenant();
  });

  const secured = async () => {
    const key = newKey(tenant);
    await secure(ledger, key);
    return key;
  };
  const ids = (keys: readonly ArchiveKey[]) => keys.map(({ archiveId }) => archiveId);

  it('an entry contains what the ledger knows and omits the rest', async () => {
    const key = newKey(tenant);
    const conferenceId = newConference();
    await list(ledger, tenant, [{ archiveId: key.archiveId, conferenceId, status: 'AVAILABLE' }]);
    expect(await ledger.find(key)).toEqual({
      ...key,
      conferenceId,
      conferenceIds: [conferenceId],
      isRepair: false,
      state: 'announced',
      stateSince: A_DATE,
      platformStatus: 'AVAILABLE',
      accepted: [],
      announcedAt: A_DATE,
    });
    expect(await ledger.find(newKey(tenant))).toBeUndefined();
  });

  it('reading an entry with an unreadable date fails instead of omitting the date', async () => {
    const key = await secured();
    await database().query("UPDATE archives SET told_at = 'infinity' WHERE archive_id = $1", [key.archiveId]);
    await expect(ledger.find(key)).rejects.toThrow('a date that cannot be read');
    await database().query('UPDATE archives SET told_at = NULL WHERE archive_id = $1', [key.archiveId]);
  });

  it('listing secured copies returns each of them once, page by page', async () => {
    const keys = await Promise.all(Array.from({ length: 7 }, secured));
    await ledger.beginClaim(newKey(tenant), fence(1), begin());
    const found: ArchiveKey[] = [];
    for (let after: ArchiveKey | undefined; ; after = found.at(-1)) {
      const page = await ledger.listSecured({ tenant, limit: 3, ...(after && { after }) });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(3);
      found.push(...page);
    }
    expect(ids(found)).toEqual(ids(keys).sort());
    expect((await ledger.listSecured({ limit: 1_000 })).length).toBeGreaterThanOrEqual(7);
    expect(await ledger.listSecured({ limit: 3, tenant: newTenant() })).toEqual([]);
  });

  it('listing sorts by the latest change of state and filters by state and tenant', async () => {
    const [old, young, told] = [await secured(), await secured(), await secured()];
    await age(database(), old, HOUR_MS);
    await tell(ledger, told);
    expect(ids(await ledger.list({ tenant, limit: 10 }))).toEqual(ids([told, young, old]));
    expect(ids(await ledger.list({ tenant, state: 'secured', limit: 10 }))).toEqual(ids([young, old]));
    expect(await ledger.list({ tenant, limit: 1 })).toHaveLength(1);
    expect(await ledger.list({ tenant: newTenant(), limit: 1 })).toEqual([]);
  });

  it('an entry that needs a person is also listed under attention, and counted only there', async () => {
    const before = await ledger.count();
    expect(Object.keys(before).sort()).toEqual([...SHOWN_STATES].sort());
    const [key, other] = [await secured(), await secured()];
    await ledger.recordRecheck((await ledger.find(key))!, { verdict: 'damaged', retryMs: 1 });
    expect(ids(await ledger.list({ tenant, state: 'attention', limit: 10 }))).toEqual([key.archiveId]);
    expect(ids(await ledger.list({ tenant, state: 'secured', limit: 10 })).sort()).toEqual(
      ids([key, other]).sort(),
    );
    const after = await ledger.count();
    expect([after.secured - before.secured, after.attention - before.attention]).toEqual([1, 1]);
  });

  it('the ledger remembers the first store that was used', async () => {
    const url = `file:./${tenant}`;
    expect(await ledger.storeIdentity(url)).toBeUndefined();
    const identities = ['a', 'b', 'c'];
    await Promise.all(identities.map((identity) => ledger.rememberStore(url, identity)));
    const first = await ledger.storeIdentity(url);
    expect(identities).toContain(first);
    await ledger.rememberStore(url, 'd');
    expect(await ledger.storeIdentity(url)).toBe(first);
  });
});
