import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Fence, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  begin,
  enqueue,
  fence,
  intend,
  ledgerEvents,
  newConference,
  newKey,
  secure,
  securedArchive,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const conferenceId = newConference();
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey();
  });

  async function verifying(): Promise<Fence> {
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    const token = fence(3);
    expect(await ledger.takeStep(key, token, 'verifying')).toMatchObject({ verdict: 'taken' });
    return token;
  }

  /** What an attempt may write, and the verdict that it must get. */
  async function expectFencedOff(token: Fence): Promise<void> {
    const before = [await ledger.find(key), await ledgerEvents(database(), key)];
    expect(await ledger.takeStep(key, token, 'downloading')).toMatchObject({ verdict: 'fenced' });
    expect(await ledger.noteBadCopy(key, token, { sha256: 'c'.repeat(64), sizeBytes: 1 })).toBe('fenced');
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId }))).toBe('fenced');
    expect(await ledger.needAttention(key, token, 'ZipUnreadable')).toBe('fenced');
    expect(await ledger.endClaim(key, token, { state: 'failed', reason: 'Nonsense' })).toBe('fenced');
    expect(await intend(ledger, key, token, { conferenceId })).toBe('fenced');
    expect([await ledger.find(key), await ledgerEvents(database(), key)]).toEqual(before);
  }

  it.each<[string, (token: Fence) => Fence]>([
    ['a later attempt of the same step', (token) => ({ ...token, at: token.at + 1, attempt: 2 })],
    ['a later step', (token) => ({ ...token, at: token.at + 1, step: 4 })],
    ['a later step in the same millisecond', (token) => ({ ...token, step: 4 })],
    ['a later attempt in the same millisecond', (token) => ({ ...token, attempt: 2 })],
    ['an earlier step of a later time, after a reset', (token) => ({ ...token, at: token.at + 1, step: 2 })],
    ['another run in the same millisecond', (token) => ({ ...token, runId: 'zzz' })],
    ['a later run', (token) => ({ ...token, at: token.at + 1, runId: 'aaa', step: 1 })],
  ])('an attempt can change nothing after %s has taken over', async (_, later) => {
    const token = await verifying();
    expect(await ledger.takeStep(key, later(token))).toMatchObject({ verdict: 'taken' });
    await expectFencedOff(token);
  });

  it('an older run can change nothing, whatever its id, step and attempt are', async () => {
    const token = await verifying();
    await ledger.beginClaim(key, fence(1, { runId: 'run-0' }), begin({ conferenceId }));
    await expectFencedOff({ ...token, runId: 'zzz', step: 5, attempt: 99 });
  });

  it('a later attempt of a run can change nothing once its claim has ended', async () => {
    await verifying();
    expect(await ledger.endClaim(key, fence(5), { state: 'failed', reason: 'RecordInvalid' })).toBe('taken');
    await expectFencedOff(fence(4, { attempt: 7 }));
  });

  it('the same attempt may take its step again if the first answer was lost', async () => {
    const token = await verifying();
    expect(await ledger.takeStep(key, token, 'verifying')).toMatchObject({ verdict: 'taken' });
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId }))).toBe('secured');
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId }))).toBe('repaired');
  });

  it('ending a claim a second time returns the first answer and changes nothing', async () => {
    await verifying();
    await ledger.endClaim(key, fence(5), { state: 'failed', reason: 'RecordInvalid' });
    const before = [await ledger.find(key), await ledgerEvents(database(), key)];
    expect(await ledger.endClaim(key, fence(5), { state: 'failed', reason: 'RecordInvalid' })).toBe('taken');
    expect([await ledger.find(key), await ledgerEvents(database(), key)]).toEqual(before);
  });

  it('a fenced-off poll leaves queue and state alone, but the ledger keeps what its record showed', async () => {
    const old = fence(1);
    await ledger.beginClaim(key, fence(1), begin({ conferenceId, status: 'PACKING' }));
    await enqueue(database(), [key], 'retry');
    const { verdict, entry } = await ledger.beginClaim(key, old, begin({ conferenceId }));
    expect(verdict).toBe('fenced');
    expect(entry).toMatchObject({ platformStatus: 'AVAILABLE', state: 'waiting' });
    expect((await ledger.measureQueue()).entries).toBe(1);
    await ledger.beginClaim(key, fence(1), begin({ conferenceId }));
    expect((await ledger.measureQueue()).entries).toBe(0);
  });

  it('the ledger reports an unknown archive and creates no row for it', async () => {
    expect(await ledger.takeStep(key, fence(2), 'downloading')).toEqual({ verdict: 'unknown' });
    expect(await ledger.secureCopy(key, fence(3), securedArchive())).toBe('unknown');
    expect(await ledger.noteBadCopy(key, fence(3), { sha256: 'c'.repeat(64), sizeBytes: 1 })).toBe('unknown');
    expect(await ledger.needAttention(key, fence(5), 'ZipUnreadable')).toBe('unknown');
    expect(await ledger.endClaim(key, fence(5), { reason: 'x' })).toBe('unknown');
    expect(await ledger.find(key)).toBeUndefined();
  });

  it('an attempt cannot change the state that a person ended, even in a run that was reset', async () => {
    await verifying();
    await ledger.writeOrder(key, { kind: 'giveUp', by: 'jane' });
    await ledger.conclude(key, 'giveUp');
    const before = await ledger.find(key);
    expect(await ledger.takeStep(key, fence(7, { runId: 'reset', step: 2 }), 'downloading')).toMatchObject({
      verdict: 'taken',
    });
    expect(await ledger.find(key)).toMatchObject({ state: before!.state, stateSince: before!.stateSince });

    const proof = fence(7, { runId: 'reset', step: 3 });
    await ledger.takeStep(key, proof, 'verifying');
    expect(await ledger.secureCopy(key, proof, securedArchive({ conferenceId }))).toBe('secured');
    expect(await ledger.find(key)).toMatchObject({ state: 'failed', stateSince: before!.stateSince });
  });

  it('a new claim takes over from one that has ended', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.endClaim(key, fence(5, { runId: `run-of-${key.archiveId}` }), { reason: 'held' });
    const { verdict, entry } = await ledger.beginClaim(
      key,
      fence(1, { runId: 'next' }),
      begin({ conferenceId }),
    );
    expect(verdict).toBe('taken');
    expect(entry).toMatchObject({ state: 'secured', runId: 'next' });
    expect(entry.ended).toBeUndefined();
  });

  it('a new claim that needs a person before it can begin takes nothing over, and begins later', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.endClaim(key, fence(5, { runId: `run-of-${key.archiveId}` }), { reason: 'held' });
    expect(await ledger.needAttention(key, fence(5, { runId: 'next' }), 'RecordInvalid')).toBe('taken');
    const waiting = await ledger.find(key);
    expect(waiting).toMatchObject({ attention: { reason: 'RecordInvalid' }, ended: { reason: 'held' } });
    expect(waiting?.runId).not.toBe('next');
    const begun = await ledger.beginClaim(key, fence(1, { runId: 'next' }), begin({ conferenceId }));
    expect(begun).toMatchObject({ verdict: 'taken', entry: { runId: 'next', attention: undefined } });
  });
});
