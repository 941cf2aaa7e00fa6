import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import type { ListedArchive } from '../../src/ledger/sql/lists';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  age,
  begin,
  DAY_MS,
  fence,
  HOUR_MS,
  list,
  newConference,
  newKey,
  newTenant,
  queued,
  secure,
  tell,
  ledgerEvents,
} from './archives';

const PERSON = 'Erika Mustermann';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  const listed = (status = 'AVAILABLE', changes: Partial<ListedArchive> = {}) =>
    list(ledger, key.tenant, [{ archiveId: key.archiveId, status, ...changes }]);
  const isQueued = async () => (await queued(database(), key.tenant)).length > 0;
  const empty = () => database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
  const begun = (status: string) => ledger.beginClaim(key, fence(1), begin({ status }));

  it.each(['AVAILABLE', 'PROCESSING', 'PACKING', 'FAILED', 'ABANDONED', PERSON])(
    'the ledger adds a row for a new archive that is %s, and queues it',
    async (status) => {
      const conferenceId = newConference();
      expect(await listed(status, { conferenceId })).toEqual({ changed: 1, queued: 1, missed: 0 });
      expect(await ledger.find(key)).toMatchObject({
        state: 'announced',
        platformStatus: status,
        conferenceId,
      });
      expect(JSON.stringify(await ledgerEvents(database(), key))).not.toContain(PERSON);
      const [row] = await ledger.lease({ tenants: [key.tenant], limit: 1, leaseMs: 0, leasedBy: 'me' });
      expect(row).toMatchObject({ ...key, origin: 'list', known: { underWay: false, settled: false } });
    },
  );

  it('the ledger counts an unknown EXPIRED archive and adds no row for it', async () => {
    expect(await listed('EXPIRED')).toEqual({ changed: 0, queued: 0, missed: 1 });
    expect(await ledger.find(key)).toBeUndefined();
    expect(await isQueued()).toBe(false);
  });

  it('the ledger does not write unchanged archives', async () => {
    const conferenceId = newConference();
    await listed('AVAILABLE', { conferenceId });
    const version = () => database().query('SELECT xmin, ctid FROM archives WHERE tenant = $1', [key.tenant]);
    const before = await version();
    expect(await listed('AVAILABLE', { conferenceId })).toEqual({ changed: 0, queued: 0, missed: 0 });
    expect(await listed('AVAILABLE')).toEqual({ changed: 0, queued: 0, missed: 0 });
    expect(await version()).toEqual(before);
  });

  it('the ledger accepts an archive that is listed twice, and a page without archives', async () => {
    const one = { archiveId: key.archiveId, status: 'AVAILABLE' };
    expect(await list(ledger, key.tenant, [one, one])).toMatchObject({ queued: 1 });
    expect(await list(ledger, key.tenant, [])).toEqual({ changed: 0, queued: 0, missed: 0 });
  });

  it('a list upgrades the origin of a queued hint, so that it is due at once', async () => {
    await ledger.enqueueHints([key], 5_000);
    await ledger.lease({ tenants: [key.tenant], limit: 1, leaseMs: 0, leasedBy: 'me' });
    await ledger.noteUnknown(key);
    expect(await listed()).toEqual({ changed: 1, queued: 1, missed: 0 });
    expect(await listed()).toEqual({ changed: 0, queued: 0, missed: 0 });
    const [row] = await ledger.lease({ tenants: [key.tenant], limit: 1, leaseMs: 0, leasedBy: 'me' });
    expect(row).toMatchObject({ origin: 'list' });
  });

  it('a list does not queue an archive with a running claim until it has not moved for an hour', async () => {
    await begun('AVAILABLE');
    await ledger.takeStep(key, fence(2), 'downloading');
    await listed();
    expect(await isQueued()).toBe(false);
    await age(database(), key, HOUR_MS);
    await listed();
    expect(await isQueued()).toBe(true);
  });

  it('a list does not queue an archive whose claim still makes attempts, however old its state is', async () => {
    await begun('PACKING');
    await age(database(), key, 2 * HOUR_MS);
    await begun('PACKING');
    await listed('PACKING');
    expect(await isQueued()).toBe(false);
  });

  it('a list wakes a waiting claim only if it shows something new', async () => {
    await begun('PACKING');
    await listed('PACKING');
    expect(await isQueued()).toBe(false);
    await listed('AVAILABLE');
    expect(await isQueued()).toBe(true);
  });

  it('a list queues an archive that needs a person only for news or after the deadline', async () => {
    await begun('FAILED');
    await ledger.needAttention(key, fence(5), 'PlatformFailed');
    await age(database(), key, 2 * HOUR_MS);
    await listed('FAILED');
    expect(await isQueued()).toBe(false);
    await listed('PACKING');
    expect(await isQueued()).toBe(true);
    await empty();
    await age(database(), key, 8 * DAY_MS);
    await listed('PACKING');
    expect(await isQueued()).toBe(true);
  });

  it.each(['a copy that is secured, which nothing else would abandon', 'no copy'])(
    'a list queues a claim that exceeded its deadline only a day later: with %s',
    async (what) => {
      const isSecured = what !== 'no copy';
      const conferenceId = newConference();
      if (isSecured) await secure(ledger, key, { conferenceId });
      else await begun('AVAILABLE');
      await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
      await ledger.conclude(key, 'DeadlineExceeded');
      await listed();
      expect(await isQueued()).toBe(false);
      await age(database(), key, DAY_MS);
      await listed();
      expect(await isQueued()).toBe(true);
      const next = await ledger.beginClaim(key, fence(1, { runId: 'next' }), begin({ conferenceId }));
      const state = isSecured ? 'secured' : 'announced';
      expect(next).toMatchObject({ verdict: 'taken', entry: { state, decided: undefined } });
    },
  );

  it.each(['giveUp', 'cancel'] as const)('a list queues nothing after %s, however long ago', async (kind) => {
    await begun('AVAILABLE');
    await ledger.writeOrder(key, { kind, by: 'alice' });
    await age(database(), key, 30 * DAY_MS);
    await listed('PACKING');
    expect(await isQueued()).toBe(false);
  });

  it('a list queues a missed archive only if the platform has it again', async () => {
    await begun('EXPIRED');
    await ledger.endClaim(key, fence(5), { state: 'missed', reason: 'ArchiveMissed' });
    await age(database(), key, 2 * HOUR_MS);
    await listed('EXPIRED');
    expect(await isQueued()).toBe(false);
    await listed('AVAILABLE');
    expect(await isQueued()).toBe(true);
  });

  it('a list rescues archives that were told without a copy, and leaves secured ones to the sweep', async () => {
    const secured = newKey(key.tenant);
    await secure(ledger, secured, {}, 'run-1');
    await ledger.endClaim(secured, fence(5), { reason: 'notSecured' });
    await tell(ledger, secured);
    const shown = [key, secured].map(({ archiveId }) => ({ archiveId, status: 'ABANDONED' }));
    expect(await list(ledger, key.tenant, shown)).toMatchObject({ queued: 1 });
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
    expect(await ledger.find(key)).toMatchObject({ state: 'announced', toldAt: A_DATE });
  });

  it('concurrent lists of the same archives in different orders do not deadlock', async () => {
    const archives = Array.from({ length: 60 }, () => newKey(key.tenant).archiveId);
    const shown = archives.map((archiveId) => ({ archiveId, status: 'AVAILABLE' }));
    const id = await ledger.beginList(key.tenant, 'me', 60_000);
    await Promise.all(
      [shown, shown.toReversed(), shown, shown.toReversed()].map((part) =>
        ledger.noteListed(key.tenant, id ?? '', part, { recheckMs: 0, periodMs: 0 }),
      ),
    );
    expect(await queued(database(), key.tenant)).toEqual(archives.sort());
  });
});
