import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { verifyChain } from '../../src/ledger/verify-chain';
import { newKey, OTHER_SHA256, securedArchive, SHA256 } from './archives';
import { withDatabase } from '../support/postgres';

const RIGHT = { sha256: SHA256, sizeBytes: 5_000_000_000, ok: true };
const WRONG = { sha256: OTHER_SHA256, sizeBytes: 7, ok: false };

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function secured(): Promise<ArchiveKey> {
    const key = newKey();
    await ledger.progress(key, 'verifying');
    await ledger.noteVerification(key, RIGHT);
    await ledger.secure(key, securedArchive());
    return key;
  }

  async function abandoned(): Promise<ArchiveKey> {
    const key = await secured();
    await ledger.abandon(key, 'ABANDONED');
    return key;
  }

  const stateOf = async (key: ArchiveKey) => (await ledger.find(key))?.state;
  const lastEvent = async (key: ArchiveKey) => (await ledger.history(key)).at(-1);

  it('says when a copy was read back after the abandon, and when it was last right', async () => {
    const key = await abandoned();
    expect(await ledger.find(key)).not.toHaveProperty('recheckedAt');
    await ledger.noteVerification(key, RIGHT);
    const right = await ledger.find(key);
    await ledger.noteVerification(key, { ok: false });
    const gone = await ledger.find(key);
    expect(right?.recheckedAt).toBeInstanceOf(Date);
    expect(gone?.lastVerifiedAt).toEqual(right?.lastVerifiedAt);
    expect(gone?.recheckedAt?.getTime()).toBeGreaterThanOrEqual(right!.recheckedAt!.getTime());
    expect(await lastEvent(key)).toMatchObject({ type: 'fixity check', outcome: 'failure', detail: {} });
  });

  it('closes once the platform confirmed the deletion and the copy was found right after that', async () => {
    const key = await abandoned();
    await ledger.expire(key);
    await ledger.noteVerification(key, RIGHT);
    await ledger.closeEntry(key);
    const entry = await ledger.find(key);
    expect(entry).toMatchObject({ state: 'closed', platformStatus: 'EXPIRED' });
    expect((await ledger.history(key)).slice(-3)).toMatchObject([
      { type: 'deletion', outcome: 'success', detail: { platformStatus: 'EXPIRED' } },
      { type: 'fixity check', outcome: 'success', detail: { sha256: SHA256 } },
      {
        type: 'ingestion end',
        outcome: 'success',
        detail: {
          state: 'closed',
          platformStatus: 'EXPIRED',
          sha256: SHA256,
          sizeBytes: 5_000_000_000,
          expiredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
          verifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
        },
      },
    ]);
    expect(await verifyChain(database(), key)).toMatchObject({ ok: true });
  });

  it.each<[why: string, steps: (key: ArchiveKey) => Promise<void>]>([
    ['the platform confirmed nothing', (key) => ledger.noteVerification(key, RIGHT)],
    ['the copy was not read back since', (key) => ledger.expire(key)],
    [
      'it was read back before the confirmation only',
      async (key) => {
        await ledger.noteVerification(key, RIGHT);
        await ledger.expire(key);
      },
    ],
    [
      'what was read back since is not what was secured',
      async (key) => {
        await ledger.expire(key);
        await ledger.noteVerification(key, { ...RIGHT, sha256: OTHER_SHA256 });
      },
    ],
    [
      'the last look found it damaged',
      async (key) => {
        await ledger.expire(key);
        await ledger.noteVerification(key, RIGHT);
        await ledger.noteVerification(key, WRONG);
      },
    ],
  ])('does not close where %s', async (_, steps) => {
    const key = await abandoned();
    await steps(key);
    await ledger.closeEntry(key);
    expect(await stateOf(key)).toBe('abandoned');
  });

  it('does not close, nor take for expired, what was never abandoned', async () => {
    const key = await secured();
    await ledger.expire(key);
    await ledger.noteVerification(key, RIGHT);
    await ledger.closeEntry(key);
    expect(await ledger.find(key)).toMatchObject({ state: 'secured' });
    expect(await ledger.find(key)).not.toHaveProperty('expiredAt');
  });

  it('closes a chain once, however many say so at once', async () => {
    const key = await abandoned();
    await Promise.all(Array.from({ length: 10 }, () => ledger.expire(key)));
    await ledger.noteVerification(key, RIGHT);
    await Promise.all(Array.from({ length: 10 }, () => ledger.closeEntry(key)));
    const types = (await ledger.history(key)).map((event) => event.type);
    expect(types.slice(-3)).toEqual(['deletion', 'fixity check', 'ingestion end']);
  });

  it('lets nobody write a row that is closed and was never confirmed', async () => {
    const key = await abandoned();
    const update = `UPDATE archives SET state = 'closed' WHERE archive_id = $1`;
    await expect(database().query(update, [key.archiveId])).rejects.toMatchObject({ code: '23514' });
  });

  it('follows the status that the platform shows', async () => {
    const key = await abandoned();
    await ledger.noteStatus(key, 'AVAILABLE');
    await ledger.noteStatus(key, 'AVAILABLE');
    expect(await ledger.find(key)).toMatchObject({
      state: 'abandoned',
      platformStatus: 'AVAILABLE',
    });
    expect((await ledger.history(key)).slice(-2)).toMatchObject([
      { type: 'policy assignment' },
      { type: 'metadata modification', detail: { platformStatus: 'AVAILABLE' } },
    ]);
  });

  it('keeps the record that was sealed with the copy, whatever the platform shows of it later', async () => {
    const key = newKey();
    await ledger.noteRecord(key, { platformStatus: 'AVAILABLE', recordSource: '{"name":"Erika"}' });
    await ledger.noteVerification(key, RIGHT);
    await ledger.secure(key, securedArchive());
    const events = (await ledger.history(key)).length;
    await ledger.noteRecord(key, { platformStatus: 'AVAILABLE', recordSource: '{}' });
    expect(await ledger.history(key)).toHaveLength(events);
    await ledger.noteRecord(key, { platformStatus: 'EXPIRED', recordSource: '{}' });
    expect(await ledger.find(key)).toMatchObject({
      platformStatus: 'EXPIRED',
      recordSource: '{"name":"Erika"}',
    });
  });

  it('tells a repair once, and only of what was damaged', async () => {
    const key = await abandoned();
    expect(await ledger.noteRepair(key)).toBe(false);
    await ledger.noteVerification(key, WRONG);
    await ledger.needAttention(key, 'CopyDamaged');
    expect(await ledger.noteRepair(key)).toBe(true);
    expect(await ledger.noteRepair(key)).toBe(false);
    expect(await ledger.find(key)).not.toHaveProperty('attention');
    expect(await lastEvent(key)).toMatchObject({ type: 'recovery', detail: { sha256: SHA256 } });
    await ledger.noteVerification(key, WRONG);
    expect(await ledger.noteRepair(key)).toBe(true);
  });

  it('settles the reason that it is told, and no other', async () => {
    const key = await abandoned();
    await ledger.needAttention(key, 'AbandonUndone');
    await ledger.settle(key, 'CopyDamaged');
    expect(await ledger.find(key)).toMatchObject({ attention: 'AbandonUndone' });
    await ledger.settle(key, 'AbandonUndone');
    expect(await ledger.find(key)).not.toHaveProperty('attention');
    expect(await lastEvent(key)).toMatchObject({
      type: 'appraisal',
      outcome: 'success',
      detail: { state: 'abandoned', reason: 'AbandonUndone' },
    });
  });
});
