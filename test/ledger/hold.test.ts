import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger } from '../../src/ledger/create-ledger';
import type { Ledger } from '../../src/ledger/ledger';
import { verifyChain } from '../../src/ledger/verify-chain';
import { newConference, newKey, securedArchive } from './archives';
import { withDatabase } from '../support/postgres';

withDatabase((database) => {
  let ledger: Ledger;
  beforeAll(() => {
    ledger = createLedger(database());
  });

  async function secured(conferenceId = newConference()) {
    const key = newKey();
    const copy = securedArchive({ conferenceId });
    await ledger.progress(key, 'verifying');
    await ledger.noteVerification(key, { ...copy, ok: true });
    await ledger.secure(key, copy);
    return { key, copy };
  }

  const lastEvent = async (key: ArchiveKey) => (await ledger.history(key)).at(-1);

  it('keeps who holds an archive and since when, and tells it of no other', async () => {
    const { key } = await secured();
    await ledger.hold(key, 'jane@example.com');
    expect((await ledger.find(key))?.held).toEqual({
      by: 'jane@example.com',
      since: expect.any(Date) as Date,
    });
    expect(await lastEvent(key)).toMatchObject({
      type: 'policy assignment',
      detail: { order: 'hold', by: 'jane@example.com' },
    });
    expect(await ledger.find((await secured()).key)).not.toHaveProperty('held');
  });

  it('holds an archive of which nothing is known yet, through all that comes', async () => {
    const key = newKey();
    await ledger.hold(key, 'jane');
    expect(await ledger.find(key)).toMatchObject({ state: 'announced', held: { by: 'jane' } });
    await ledger.progress(key, 'waiting');
    await ledger.fail(key, 'DeadlineExceeded');
    await ledger.progress(key, 'verifying');
    await ledger.secure(key, securedArchive());
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', held: { by: 'jane' } });
  });

  it('keeps the first hold', async () => {
    const { key } = await secured();
    await ledger.hold(key, 'jane');
    const before = await ledger.find(key);
    await ledger.hold(key, 'john');
    expect(await ledger.find(key)).toEqual(before);
    expect((await lastEvent(key))?.detail).toMatchObject({ by: 'jane' });
  });

  it('is not safe to abandon while it is held, and safe once released', async () => {
    const { key, copy } = await secured();
    await ledger.hold(key, 'jane');
    expect(await ledger.judgeAbandon(key, copy)).toBe('held');
    await ledger.release(key, 'john');
    expect(await ledger.judgeAbandon(key, copy)).toBe('safe');
    expect((await lastEvent(key))?.detail).toEqual({ order: 'release', by: 'john' });
    expect(await verifyChain(database(), key)).toMatchObject({ ok: true });
  });

  it('is not safe to abandon while another archive of the conference is held', async () => {
    const { key, copy } = await secured();
    const other = await secured(copy.conferenceId);
    await ledger.hold(other.key, 'jane');
    expect(await ledger.judgeAbandon(key, copy)).toBe('held');
    await ledger.hold((await secured()).key, 'jane');
    await ledger.release(other.key, 'jane');
    expect(await ledger.judgeAbandon(key, copy)).toBe('safe');
  });

  it('calls what is held and not secured by the worse of both', async () => {
    const key = newKey();
    const copy = securedArchive();
    await ledger.hold(key, 'jane');
    expect(await ledger.judgeAbandon(key, copy)).toBe('notSecured');
  });

  it('has nothing to release where nothing is held', async () => {
    const { key } = await secured();
    const before = await ledger.find(key);
    await ledger.release(key, 'jane');
    await ledger.release(newKey(), 'jane');
    expect(await ledger.find(key)).toEqual(before);
  });

  it('ends a hold when the platform was told all the same, and holds nothing afterwards', async () => {
    const { key } = await secured();
    await ledger.hold(key, 'jane');
    await ledger.abandon(key, 'ABANDONED');
    expect(await ledger.find(key)).not.toHaveProperty('held');
    const events = await ledger.history(key);
    await ledger.hold(key, 'jane');
    expect(await ledger.find(key)).not.toHaveProperty('held');
    expect(await ledger.history(key)).toEqual(events);
  });

  it.each(['', 'jane doe', 'jane\n', 'é', 'j'.repeat(65), `'; DROP TABLE events; --`])(
    'refuses %j as the name of an account, whoever lets it through',
    async (by) => {
      const { key } = await secured();
      await expect(ledger.hold(key, by)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
      await expect(ledger.orderAbandon(key, by)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
    },
  );

  it('keeps the order to abandon a secured archive, the first one', async () => {
    const { key } = await secured();
    await ledger.orderAbandon(key, 'jane');
    await ledger.orderAbandon(key, 'john');
    expect(await ledger.find(key)).toMatchObject({ state: 'secured', abandonOrderedBy: 'jane' });
    expect((await lastEvent(key))?.detail).toEqual({ order: 'abandon', by: 'jane' });
  });

  it('takes no order to abandon what is not secured, or abandoned already', async () => {
    const [unknown, waiting, { key: abandoned }] = [newKey(), newKey(), await secured()];
    await ledger.progress(waiting, 'waiting');
    await ledger.abandon(abandoned, 'ABANDONED');
    for (const key of [unknown, waiting, abandoned]) {
      const events = await ledger.history(key);
      await ledger.orderAbandon(key, 'jane');
      expect((await ledger.find(key))?.abandonOrderedBy).toBeUndefined();
      expect(await ledger.history(key)).toEqual(events);
    }
  });

  it('keeps each decision once, with who made it, and changes nothing else', async () => {
    const key = newKey();
    await ledger.progress(key, 'waiting');
    await ledger.needAttention(key, 'ChecksumMissing');
    const decision = { id: 'message-1', by: 'jane', choice: 'acceptWithoutChecksum' } as const;
    await ledger.noteDecision(key, decision);
    await ledger.noteDecision(key, decision);
    await ledger.noteDecision(key, { id: 'message-2', by: 'john', deadline: '2030-01-31T00:00:00.000Z' });
    expect((await ledger.history(key)).slice(2)).toMatchObject([
      {
        type: 'appraisal',
        outcome: 'success',
        detail: { order: 'decide', choice: 'acceptWithoutChecksum', by: 'jane', message: 'message-1' },
      },
      {
        type: 'policy assignment',
        detail: {
          order: 'extendDeadline',
          deadline: '2030-01-31T00:00:00.000Z',
          by: 'john',
          message: 'message-2',
        },
      },
    ]);
    expect(await ledger.find(key)).toMatchObject({ state: 'attention', attention: 'ChecksumMissing' });
  });

  it('keeps a decision about an archive of which nothing is known yet', async () => {
    const key = newKey();
    await ledger.noteDecision(key, { id: 'message-1', by: 'jane', choice: 'giveUp' });
    expect(await lastEvent(key)).toMatchObject({ sequence: 1, detail: { choice: 'giveUp' } });
  });
});
