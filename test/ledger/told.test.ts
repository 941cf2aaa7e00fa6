import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  begin,
  EXPIRY,
  fence,
  list,
  newConference,
  newKey,
  newTenant,
  queued,
  secure,
  securedArchive,
  tell,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const conferenceId = newConference();
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  it('telling makes a secured archive abandoned, ends its claim, and sets both due dates', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.needAttention(key, fence(5, { runId: `run-of-${key.archiveId}` }), 'CredentialsRejected');
    await tell(ledger, key);
    const entry = await ledger.find(key);
    expect(entry).toMatchObject({
      state: 'abandoned',
      ended: { reason: 'abandoned' },
      platformStatus: 'ABANDONED',
    });
    expect(entry?.attention).toBeUndefined();
    // The claim waits for a person, for hours: it is to be woken.
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
    const toldAt = entry!.toldAt!.getTime();
    // Somebody else may have told the platform just after the copy was secured.
    expect(entry!.fixityDueAt!.getTime() - entry!.securedAt!.getTime()).toBe(EXPIRY.recheckMs);
    expect(entry!.confirmDueAt!.getTime() - toldAt).toBe(EXPIRY.periodMs);
  });

  it('the ledger writes that the platform was told, whatever hold, decision or run the row has', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.writeOrder(key, { kind: 'hold', by: 'alice' });
    await ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' });
    await ledger.conclude(key, 'GivenUp');
    expect(await ledger.find(key)).toMatchObject({ state: 'failed' });
    await tell(ledger, key);
    expect(await ledger.find(key)).toMatchObject({
      state: 'abandoned',
      toldAt: A_DATE,
      decided: { decision: 'giveUp' },
      held: { by: 'alice' },
    });
  });

  it('the ledger never revokes that the platform was told, and only the first time counts', async () => {
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key);
    const first = await ledger.find(key);
    await list(ledger, key.tenant, [{ archiveId: key.archiveId, status: 'AVAILABLE' }]);
    await ledger.noteShown(key, { status: 'PACKING' });
    await tell(ledger, key);
    expect(await ledger.find(key)).toMatchObject({
      state: 'abandoned',
      toldAt: first?.toldAt,
      confirmDueAt: first?.confirmDueAt,
      fixityDueAt: first?.fixityDueAt,
      ended: first?.ended,
    });
  });

  it('telling does not end the rescue of an archive without a copy, whose recheck is due at once', async () => {
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    await tell(ledger, key);
    const untold = await ledger.find(key);
    expect([untold?.state, untold?.ended]).toEqual(['announced', undefined]);
    const token = fence(3);
    await ledger.takeStep(key, token, 'verifying');
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId }))).toBe('secured');
    expect(await ledger.find(key)).toMatchObject({ state: 'abandoned', ended: { reason: 'abandoned' } });
    expect((await ledger.dueForFixity(key.tenant, 10)).map(({ archiveId }) => archiveId)).toEqual([
      key.archiveId,
    ]);
  });

  it('telling ends the claim of an archive that was given up before it had a copy', async () => {
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    await ledger.needAttention(key, fence(5), 'ZipUnreadable');
    await ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' });
    await tell(ledger, key);
    const entry = await ledger.find(key);
    expect(entry).toMatchObject({
      state: 'failed',
      ended: { reason: 'failed' },
      decided: { decision: 'giveUp' },
    });
    expect(entry?.attention).toBeUndefined();
    expect(await ledger.undecided(key.tenant, 10)).toEqual([]);
  });

  it('EXPIRED makes the confirmation due at once', async () => {
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key, 'EXPIRED');
    expect((await ledger.dueForConfirmation(key.tenant, 10)).map(({ archiveId }) => archiveId)).toEqual([
      key.archiveId,
    ]);
  });

  it('the ledger marks all shown archives as told, and ignores unknown ones', async () => {
    const keys = [key, newKey(key.tenant), newKey(key.tenant)];
    for (const each of keys) await secure(ledger, each, { conferenceId });
    const shown = [...keys, newKey(key.tenant)].map(({ archiveId }) => ({ archiveId, status: 'ABANDONED' }));
    await ledger.noteTold(key.tenant, [...shown.reverse(), ...shown], EXPIRY);
    for (const each of keys) expect(await ledger.find(each)).toMatchObject({ state: 'abandoned' });
    expect((await ledger.list({ tenant: key.tenant, limit: 10 })).length).toBe(3);
  });

  it('wakes a claim that needs a person before it could begin, since the one before it has ended', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.endClaim(key, fence(5, { runId: `run-of-${key.archiveId}` }), { reason: 'notSecured' });
    await ledger.needAttention(key, fence(5, { runId: 'run-2' }), 'RecordInvalid');
    await tell(ledger, key);
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
  });

  it('telling wakes a claim that waits for a person, whether or not it has a copy', async () => {
    for (const isSecured of [true, false]) {
      const waiting = newKey(key.tenant);
      if (isSecured) await secure(ledger, waiting, { conferenceId });
      else await ledger.beginClaim(waiting, fence(1), begin({ conferenceId }));
      await ledger.needAttention(waiting, fence(5), 'ChecksumMissing');
      await tell(ledger, waiting);
      expect(await queued(database(), key.tenant)).toContain(waiting.archiveId);
    }
  });

  it('no other status means that the platform was told', async () => {
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key, 'AVAILABLE');
    await tell(ledger, key, 'SOMETHING');
    const entry = await ledger.find(key);
    expect([entry?.state, entry?.toldAt, entry?.platformStatus]).toEqual(['secured', undefined, 'AVAILABLE']);
  });

  it('the conferences of an archive only grow, and an old reading removes none', async () => {
    const [first, second] = [newConference(), newConference()];
    for (const shown of [first, second, first]) {
      await list(ledger, key.tenant, [
        { archiveId: key.archiveId, conferenceId: shown, status: 'AVAILABLE' },
      ]);
    }
    await list(ledger, key.tenant, [{ archiveId: key.archiveId, status: 'AVAILABLE' }]);
    expect((await ledger.find(key))?.conferenceIds).toEqual([first, second]);
  });
});
