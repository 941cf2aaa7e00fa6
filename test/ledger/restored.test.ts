import type { ArchiveKey, ConferenceId } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { A_DATE, begin, fence, intend, list, newKey, queued, readWholeList, secure, tell } from './archives';
import { twoSecured } from './two-secured';

/** The platform has a file again of what it was told of: a request would reach it once more. */
withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  let sibling: ArchiveKey;
  let conferenceId: ConferenceId;
  let token: Fence;

  beforeEach(async () => {
    ledger = createLedger(database());
    ({ key, sibling, conferenceId, token } = await twoSecured(ledger));
  });

  const judge = () => intend(ledger, key, token, { conferenceId });
  const show = (archive: ArchiveKey, status: string) =>
    list(ledger, archive.tenant, [{ archiveId: archive.archiveId, conferenceId, status }]);

  /** Expired before there was a copy, and restored. */
  async function restored(): Promise<ArchiveKey> {
    const missed = newKey(key.tenant);
    await ledger.beginClaim(
      missed,
      fence(1, { runId: 'missed' }),
      begin({ conferenceId, status: 'EXPIRED' }),
    );
    await ledger.noteExpired(missed);
    await show(missed, 'AVAILABLE');
    return missed;
  }

  it('a restored archive is a member again, and blocks the abandon of its conference without a copy', async () => {
    const back = await restored();
    expect((await ledger.members(key.tenant, conferenceId)).map(({ archiveId }) => archiveId)).toContain(
      back.archiveId,
    );
    expect(await judge()).toBe('notSecured');
  });

  it('a restored archive queues its conference when it is secured, and is then abandoned with it', async () => {
    const back = await restored();
    expect(await judge()).toBe('notSecured');
    await secure(ledger, back, { conferenceId }, 'rescue');
    expect(await queued(database(), key.tenant)).toContain(key.archiveId);
    await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    token = fence(4, { runId: 'run-2' });
    await ledger.takeStep(key, token);
    await readWholeList(ledger, key, sibling);
    expect(await judge()).toBe('intended');
  });

  it.each(['ABANDONED', 'EXPIRED'])('an archive that is %s again queues its conference', async (status) => {
    const back = await restored();
    expect(await judge()).toBe('notSecured');
    await show(back, status);
    expect(await queued(database(), key.tenant)).toContain(key.archiveId);
  });

  it('a restored archive blocks the abandon of its conference if its copy was found damaged', async () => {
    await tell(ledger, sibling);
    await show(sibling, 'AVAILABLE');
    const { fixity } = (await ledger.find(sibling))!;
    await ledger.noteMemberFixity(sibling, { verdict: 'damaged', seen: fixity!.at });
    expect(await judge()).toBe('notSecured');
  });

  it('a restored archive is closed only after another deletion was confirmed', async () => {
    await tell(ledger, sibling);
    await ledger.noteExpired(sibling);
    await show(sibling, 'AVAILABLE');
    const back = (await ledger.find(sibling))!;
    expect(back.confirmDueAt).toEqual(A_DATE);
    expect(await ledger.recordRecheck(back, { verdict: 'whole', retryMs: 0 })).toBe('recorded');
    await show(sibling, 'EXPIRED');
    const again = (await ledger.find(sibling))!;
    expect(await ledger.recordRecheck(again, { verdict: 'whole', retryMs: 0 })).toBe('recorded');
    await ledger.noteExpired(sibling);
    const expired = (await ledger.find(sibling))!;
    expect(expired.expiredAt!.getTime()).toBeGreaterThan(back.expiredAt!.getTime());
    expect(await ledger.recordRecheck(expired, { verdict: 'whole', retryMs: 0 })).toBe('closed');
  });
});
