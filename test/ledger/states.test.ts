import type { ArchiveKey } from '../../src/domain/ids';
import { OPEN_STATES } from '../../src/domain/states';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { newKey, OTHER_SHA256, recordNote, securedArchive, SHA256, TENANT } from './archives';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  const state = async (key: ArchiveKey) => (await ledger.find(key))?.state;
  const eventTypes = async (key: ArchiveKey) => (await ledger.history(key)).map((event) => event.type);

  async function secured(): Promise<ArchiveKey> {
    const key = newKey();
    await ledger.progress(key, 'verifying');
    await ledger.secure(key, securedArchive());
    return key;
  }

  it('answers a ping', async () => {
    await ledger.ping();
  });

  it('knows nothing of an archive that nobody spoke of', async () => {
    const key = newKey();
    expect(await ledger.find(key)).toBeUndefined();
    expect(await ledger.history(key)).toEqual([]);
  });

  it.each(OPEN_STATES)('makes the entry with the first progress to %s', async (first) => {
    const key = newKey();
    await ledger.progress(key, first);
    expect(await ledger.find(key)).toMatchObject({ ...key, state: first });
  });

  it('appends no event for a progress to the state it is in', async () => {
    const key = newKey();
    await ledger.progress(key, 'waiting');
    await ledger.progress(key, 'waiting');
    expect(await eventTypes(key)).toEqual(['ingestion start']);
  });

  it('tells the way of an archive in the terms of PREMIS', async () => {
    const key = newKey();
    const note = recordNote();
    await ledger.progress(key, 'waiting');
    await ledger.noteRecord(key, note);
    await ledger.progress(key, 'downloading');
    await ledger.progress(key, 'verifying');
    await ledger.noteVerification(key, { sha256: SHA256, sizeBytes: 5_000_000_000, ok: true });
    await ledger.secure(key, securedArchive({ conferenceId: note.conferenceId! }));
    await ledger.abandon(key, 'ABANDONED');
    expect(await eventTypes(key)).toEqual([
      'ingestion start',
      'metadata modification',
      'transfer',
      'validation',
      'fixity check',
      'accession',
      'policy assignment',
    ]);
    expect(await ledger.find(key)).toMatchObject({
      state: 'abandoned',
      sizeBytes: 5_000_000_000,
      platformStatus: 'ABANDONED',
      recordSource: note.recordSource,
      lastVerifiedAt: expect.anything() as unknown,
      securedAt: expect.anything() as unknown,
      abandonedAt: expect.anything() as unknown,
    });
  });

  it.each(['secured', 'abandoned'])('never goes back from %s', async (reached) => {
    const key = await secured();
    if (reached === 'abandoned') await ledger.abandon(key, 'ABANDONED');
    const before = await ledger.find(key);
    await ledger.progress(key, 'downloading');
    await ledger.miss(key);
    await ledger.secure(key, securedArchive({ sha256: OTHER_SHA256 }));
    if (reached === 'abandoned') await ledger.fail(key, 'DeadlineExceeded');
    expect(await ledger.find(key)).toEqual(before);
  });

  it('does not abandon what is not secured', async () => {
    const key = newKey();
    await ledger.abandon(key, 'ABANDONED');
    await ledger.progress(key, 'verifying');
    await ledger.abandon(key, 'ABANDONED');
    expect(await state(key)).toBe('verifying');
  });

  it('keeps what is secured through a failure, and abandons or secures it afterwards', async () => {
    const key = newKey();
    const copy = securedArchive();
    await ledger.progress(key, 'verifying');
    await ledger.secure(key, copy);
    await ledger.fail(key, 'DeadlineExceeded');
    expect(await ledger.find(key)).toMatchObject({ state: 'failed', ...copy });
    await ledger.progress(key, 'waiting');
    expect(await state(key)).toBe('failed');
    await ledger.secure(key, copy);
    expect(await state(key)).toBe('secured');
    await ledger.fail(key, 'Cancelled');
    await ledger.abandon(key, 'ABANDONED');
    expect(await state(key)).toBe('abandoned');
  });

  it('asks for attention, and no longer once the claim goes on', async () => {
    const key = newKey();
    await ledger.progress(key, 'verifying');
    await ledger.needAttention(key, 'ZipUnreadable');
    await ledger.needAttention(key, 'ZipUnreadable');
    expect(await ledger.find(key)).toMatchObject({ state: 'attention', attention: 'ZipUnreadable' });
    await ledger.progress(key, 'waiting');
    expect(await ledger.find(key)).not.toHaveProperty('attention');
    expect(await eventTypes(key)).toEqual(['validation', 'appraisal', 'ingestion start']);
  });

  it('shows why a secured archive needs attention without taking back that it is secured', async () => {
    const key = await secured();
    await ledger.needAttention(key, 'NotSecured');
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', attention: 'NotSecured' });
    await ledger.abandon(key, 'ABANDONED');
    expect(await ledger.find(key)).not.toHaveProperty('attention');
  });

  it.each(['failed', 'missed'] as const)('does not ask for attention where it %s already', async (end) => {
    const key = newKey();
    await ledger.progress(key, 'waiting');
    await (end === 'failed' ? ledger.fail(key, 'Cancelled') : ledger.miss(key));
    await ledger.needAttention(key, 'ZipUnreadable');
    expect(await state(key)).toBe(end);
    await ledger.progress(key, 'waiting');
    expect(await state(key)).toBe('waiting');
  });

  it('records a fixity check that failed without calling it verified', async () => {
    const key = await secured();
    await ledger.noteVerification(key, { sha256: OTHER_SHA256, sizeBytes: 7, ok: false });
    expect(await ledger.find(key)).not.toHaveProperty('lastVerifiedAt');
    expect((await ledger.history(key)).at(-1)).toMatchObject({
      type: 'fixity check',
      outcome: 'failure',
      detail: { sha256: OTHER_SHA256, sizeBytes: 7 },
    });
  });

  it('lists by state and tenant, the latest changed first', async () => {
    const [first, second, third] = [await secured(), await secured(), newKey()];
    await ledger.progress(third, 'waiting');
    await ledger.needAttention(first, 'AbandonUnconfirmed');
    const listed = await ledger.list({ state: 'secured', tenant: TENANT, limit: 2 });
    expect(listed.map((entry) => entry.archiveId)).toEqual([first.archiveId, second.archiveId]);
    const [latest] = await ledger.list({ limit: 1 });
    expect(latest?.archiveId).toBe(first.archiveId);
  });

  it('remembers the first identity of a store', async () => {
    expect(await ledger.storeIdentity('file:./archives')).toBeUndefined();
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((identity) => ledger.rememberStore('file:./archives', identity)),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await ledger.storeIdentity('file:./archives')).toBe(answers[0]);
  });
});
