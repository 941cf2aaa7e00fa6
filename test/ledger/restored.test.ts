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

  it('is a member once more, and keeps its conference from the abandon while there is no copy', async () => {
    const back = await restored();
    expect((await ledger.members(key.tenant, conferenceId)).map(({ archiveId }) => archiveId)).toContain(
      back.archiveId,
    );
    expect(await judge()).toBe('notSecured');
  });

  it('queues its conference when it is secured, and is abandoned along then', async () => {
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

  it.each(['ABANDONED', 'EXPIRED'])('queues its conference when it is %s again', async (status) => {
    const back = await restored();
    expect(await judge()).toBe('notSecured');
    await show(back, status);
    expect(await queued(database(), key.tenant)).toContain(key.archiveId);
  });

  it('keeps its conference from the abandon if its copy was found damaged', async () => {
    await tell(ledger, sibling);
    await show(sibling, 'AVAILABLE');
    const { fixity } = (await ledger.find(sibling))!;
    await ledger.noteMemberFixity(sibling, { verdict: 'damaged', seen: fixity!.at });
    expect(await judge()).toBe('notSecured');
  });

  it('is closed only after another deletion was confirmed', async () => {
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
