import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  age,
  begin,
  DAY_MS,
  fence,
  list,
  newConference,
  newKey,
  newTenant,
  OTHER_SHA256,
  secure,
  securedArchive,
  SHA256,
  ledgerEvents,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const conferenceId = newConference();
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey();
  });

  const eventTypes = async () => (await ledgerEvents(database(), key)).map(({ type }) => type);

  it('a claim goes from the first poll to a secured copy', async () => {
    const deadlineAt = Date.now() + DAY_MS;
    const polled = await ledger.beginClaim(
      key,
      fence(1),
      begin({ conferenceId, status: 'PACKING' }, deadlineAt),
    );
    expect(polled).toMatchObject({ verdict: 'taken', entry: { state: 'waiting', runId: 'run-1' } });
    expect(polled.entry.deadlineAt).toEqual(new Date(deadlineAt));
    const { entry } = await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    expect(entry).toMatchObject({ state: 'announced', sha256: SHA256, platformStatus: 'AVAILABLE' });
    expect(await ledger.takeStep(key, fence(2), 'downloading')).toMatchObject({
      entry: { state: 'downloading' },
    });
    const token = fence(3);
    expect(await ledger.takeStep(key, token, 'verifying')).toMatchObject({ entry: { state: 'verifying' } });
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId, location: 'file:./x' }))).toBe(
      'secured',
    );
    expect(await ledger.find(key)).toMatchObject({
      ...key,
      state: 'secured',
      conferenceId,
      conferenceIds: [conferenceId],
      sizeBytes: 5_000_000_000,
      location: 'file:./x',
      fixity: { ok: true, at: A_DATE },
      securedAt: A_DATE,
    });
    expect(await eventTypes()).toEqual([
      'ingestion start',
      'ingestion start',
      'metadata modification',
      'transfer',
      'validation',
      'fixity check',
      'accession',
    ]);
  });

  it('a poll that shows nothing new appends no event and keeps the time since which the claim waits', async () => {
    const record = { conferenceId, status: 'PROCESSING' };
    const first = await ledger.beginClaim(key, fence(1), begin(record));
    for (let poll = 0; poll < 5; poll++) await ledger.beginClaim(key, fence(1), begin(record));
    expect(await ledgerEvents(database(), key)).toHaveLength(2);
    expect((await ledger.find(key))?.stateSince).toEqual(first.entry.stateSince);
  });

  it('the conference in the record comes first, whatever a list showed before', async () => {
    const other = newConference();
    key = newKey(newTenant());
    await list(ledger, key.tenant, [{ archiveId: key.archiveId, conferenceId: other, status: 'AVAILABLE' }]);
    const { entry } = await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    expect(entry).toMatchObject({ conferenceId, conferenceIds: [conferenceId, other] });
  });

  it('a secured copy is never revoked or replaced by another one', async () => {
    await secure(ledger, key, { conferenceId });
    const runId = 'next';
    await ledger.beginClaim(key, fence(1, { runId }), begin({ conferenceId, sha256: OTHER_SHA256 }));
    await ledger.takeStep(key, fence(2, { runId }), 'downloading');
    const token = fence(3, { runId });
    const { verdict } = await ledger.takeStep(key, token, 'verifying');
    expect(verdict).toBe('taken');
    const other = securedArchive({ conferenceId, sha256: OTHER_SHA256 });
    expect(await ledger.secureCopy(key, token, other)).toBe('other');
    expect(await ledger.endClaim(key, token, { state: 'missed', reason: 'ArchiveMissed' })).toBe('taken');
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', sha256: SHA256 });
  });

  it('the ledger shows the reason for attention, and since when, until the next poll', async () => {
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    await ledger.needAttention(key, fence(5), 'ZipUnreadable');
    const first = (await ledger.find(key))?.attention;
    await ledger.needAttention(key, fence(5), 'ZipUnreadable');
    expect((await ledger.find(key))?.attention).toEqual(first);
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    expect((await ledger.find(key))?.attention).toBeUndefined();
    expect((await eventTypes()).filter((type) => type === 'appraisal')).toHaveLength(1);
  });

  it.each(['failed', 'missed'] as const)(
    'a claim ends as %s, and the next run claims the archive again',
    async (state) => {
      await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
      await ledger.needAttention(key, fence(5), 'ZipUnreadable');
      await ledger.endClaim(key, fence(5), { state, reason: 'ArchiveMissed' });
      const entry = await ledger.find(key);
      expect(entry).toMatchObject({ state, ended: { reason: 'ArchiveMissed' } });
      expect(entry?.attention).toBeUndefined();
      const next = await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
      expect(next).toMatchObject({ verdict: 'taken', entry: { state: 'announced', runId: 'run-2' } });
    },
  );

  it('the ledger keeps the state if a claim ends without a new one', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    expect(await ledger.endClaim(key, fence(5), { reason: 'held' })).toBe('taken');
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', ended: { reason: 'held' } });
  });

  it('an extended deadline survives polls and the next run of the same claim', async () => {
    const deadlineAt = Date.now() + DAY_MS;
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }, deadlineAt));
    await ledger.writeOrder(key, { kind: 'extend', ms: DAY_MS, by: 'alice' });
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }, deadlineAt));
    await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }, deadlineAt));
    expect((await ledger.find(key))?.deadlineAt).toEqual(new Date(deadlineAt + DAY_MS));
    await ledger.endClaim(key, fence(5, { runId: 'run-2' }), { state: 'failed', reason: 'RecordInvalid' });
    await ledger.beginClaim(key, fence(1, { runId: 'run-3' }), begin({ conferenceId }, deadlineAt));
    expect((await ledger.find(key))?.deadlineAt).toEqual(new Date(deadlineAt));
  });

  it('a later claim clears an exceeded deadline, at the earliest one day after it', async () => {
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
    await ledger.conclude(key, 'DeadlineExceeded');
    const early = await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    expect(early).toMatchObject({ verdict: 'deadline', entry: { state: 'failed', runId: 'run-1' } });
    await age(database(), key, DAY_MS);
    const later = await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    expect(later).toMatchObject({ verdict: 'taken', entry: { state: 'announced' } });
    expect(later.entry.decided).toBeUndefined();
  });

  it.each(['giveUp', 'cancel'] as const)(
    'the ledger begins no claim after %s, however long ago that was',
    async (kind) => {
      await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
      await ledger.writeOrder(key, { kind, by: 'alice' });
      await age(database(), key, 100 * DAY_MS);
      const { verdict, entry } = await ledger.beginClaim(
        key,
        fence(1, { runId: 'run-2' }),
        begin({ conferenceId }),
      );
      expect([verdict, entry.runId]).toEqual([kind === 'giveUp' ? 'giveUp' : 'cancelled', 'run-1']);
    },
  );
});
