import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { newConference, newKey, OTHER_SHA256, recordNote, securedArchive, SHA256 } from './archives';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function secured() {
    const key = newKey();
    const copy = securedArchive();
    await ledger.progress(key, 'verifying');
    await ledger.noteVerification(key, { ...copy, ok: true });
    await ledger.secure(key, copy);
    return { key, expected: { conferenceId: copy.conferenceId, sha256: SHA256 } };
  }

  it('is safe where this very copy is secured, and stays so once abandoned', async () => {
    const { key, expected } = await secured();
    expect(await ledger.judgeAbandon(key, expected)).toBe('safe');
    await ledger.abandon(key, 'ABANDONED');
    expect(await ledger.judgeAbandon(key, expected)).toBe('safe');
  });

  it('is not safe where nothing is known, or nothing is secured', async () => {
    const key = newKey();
    const expected = { conferenceId: newConference(), sha256: SHA256 };
    expect(await ledger.judgeAbandon(key, expected)).toBe('notSecured');
    await ledger.noteRecord(key, recordNote(expected));
    expect(await ledger.judgeAbandon(key, expected)).toBe('notSecured');
  });

  it('is not safe where the copy was never read back, or was found to be another', async () => {
    const key = newKey();
    const copy = securedArchive();
    await ledger.progress(key, 'verifying');
    await ledger.secure(key, copy);
    expect(await ledger.judgeAbandon(key, copy)).toBe('notSecured');
    await ledger.noteVerification(key, { ...copy, ok: false });
    expect(await ledger.judgeAbandon(key, copy)).toBe('notSecured');
    await ledger.noteVerification(key, { ...copy, sha256: OTHER_SHA256, ok: true });
    expect(await ledger.judgeAbandon(key, copy)).toBe('notSecured');
    await ledger.noteVerification(key, { ...copy, ok: true });
    expect(await ledger.judgeAbandon(key, copy)).toBe('safe');
  });

  it('is not safe for another checksum or another conference', async () => {
    const { key, expected } = await secured();
    expect(await ledger.judgeAbandon(key, { ...expected, sha256: OTHER_SHA256 })).toBe('notSecured');
    expect(await ledger.judgeAbandon(key, { ...expected, conferenceId: newConference() })).toBe('notSecured');
  });

  it('is not safe where the claim failed after it was secured', async () => {
    const { key, expected } = await secured();
    await ledger.fail(key, 'DeadlineExceeded');
    expect(await ledger.judgeAbandon(key, expected)).toBe('notSecured');
  });

  it('cannot be steered elsewhere by a record that changes afterwards', async () => {
    const { key, expected } = await secured();
    const other = recordNote({ sha256: OTHER_SHA256, platformStatus: 'PACKING' });
    await ledger.noteRecord(key, other);
    expect(await ledger.judgeAbandon(key, expected)).toBe('safe');
    expect(await ledger.find(key)).toMatchObject({ ...expected, platformStatus: 'PACKING' });
    expect(await ledger.judgeAbandon(key, { ...expected, conferenceId: other.conferenceId! })).toBe(
      'notSecured',
    );
  });

  it.each(['AVAILABLE', 'PROCESSING', 'SOMETHING_NEW'])(
    'waits for another archive of the conference that is %s and not secured',
    async (platformStatus) => {
      const { key, expected } = await secured();
      const { conferenceId } = expected;
      const other = newKey();
      await ledger.noteRecord(other, recordNote({ conferenceId, platformStatus }));
      expect(await ledger.judgeAbandon(key, expected)).toBe('conferenceNotSecured');
      // A record without its conference does not hide the archive.
      await ledger.noteRecord(other, { platformStatus, recordSource: '{}' });
      expect(await ledger.judgeAbandon(key, expected)).toBe('conferenceNotSecured');
      await ledger.secure(other, securedArchive({ conferenceId }));
      expect(await ledger.judgeAbandon(key, expected)).toBe('safe');
    },
  );

  it.each(['FAILED', 'ABANDONED', 'EXPIRED'])(
    'does not wait for another archive of the conference that is %s',
    async (platformStatus) => {
      const { key, expected } = await secured();
      await ledger.noteRecord(newKey(), recordNote({ ...expected, platformStatus }));
      expect(await ledger.judgeAbandon(key, expected)).toBe('safe');
    },
  );
});
