import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  begin,
  fence,
  newConference,
  newKey,
  queued,
  secure,
  securedArchive,
  tell,
  newTenant,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const conferenceId = newConference();
  const runId = 'repair';
  const repairs = true;
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  async function foundDamaged(): Promise<void> {
    const entry = await ledger.find(key);
    expect(await ledger.recordRecheck(entry!, { verdict: 'damaged', retryMs: 60_000 })).toBe('news');
  }

  async function repaired(): Promise<void> {
    expect(await ledger.takeStep(key, fence(1, { runId, repairs }))).toMatchObject({ verdict: 'taken' });
    const token = fence(3, { runId, repairs });
    await ledger.takeStep(key, token, 'verifying');
    expect(await ledger.secureCopy(key, token, securedArchive({ conferenceId }))).toBe('repaired');
  }

  it('a repair replaces the copy of an ended claim, ends, and queues the abandon again', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.endClaim(key, fence(5), { reason: 'notSecured' });
    await foundDamaged();
    expect(await ledger.find(key)).toMatchObject({
      attention: { reason: 'CopyDamaged' },
      fixity: { ok: false },
    });
    await repaired();
    const entry = await ledger.find(key);
    expect(entry).toMatchObject({ state: 'secured', fixity: { ok: true }, ended: { reason: 'repaired' } });
    expect(entry?.attention).toBeUndefined();
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
  });

  it('a repair replaces the copy of an archive of which the platform was told', async () => {
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key);
    await foundDamaged();
    await repaired();
    expect(await ledger.find(key)).toMatchObject({ state: 'abandoned', ended: { reason: 'abandoned' } });
    expect(await queued(database(), key.tenant)).toEqual([]);
  });

  it('a repair continues if the platform is told meanwhile, and the archive keeps its attention', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.endClaim(key, fence(5), { reason: 'notSecured' });
    await foundDamaged();
    await ledger.takeStep(key, fence(1, { runId, repairs }));
    await tell(ledger, key);
    const entry = await ledger.find(key);
    expect(entry).toMatchObject({ state: 'abandoned', attention: { reason: 'CopyDamaged' } });
    expect(entry?.ended).toBeUndefined();
    await repaired();
    expect(await ledger.find(key)).toMatchObject({ state: 'abandoned', fixity: { ok: true } });
  });

  it('a repair does not undo a giveUp', async () => {
    await secure(ledger, key, { conferenceId });
    await ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' });
    await ledger.conclude(key, 'GivenUp');
    await foundDamaged();
    await repaired();
    expect(await ledger.find(key)).toMatchObject({ state: 'failed', fixity: { ok: true } });
  });

  it('a repair leaves a running claim and its deadline alone until the platform was told', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    const { deadlineAt } = (await ledger.find(key))!;
    await foundDamaged();
    expect(await ledger.takeStep(key, fence(1, { runId, repairs }))).toMatchObject({ verdict: 'claimed' });
    await tell(ledger, key);
    await repaired();
    const again = await ledger.takeStep(key, fence(4));
    expect(again).toMatchObject({ verdict: 'taken', entry: { isRepair: false, deadlineAt } });
  });

  it.each([false, true])(
    'a repair queues a claim that has not moved for an hour, but takes over from one that is held (%s)',
    async (isHeld) => {
      await secure(ledger, key, { conferenceId }, 'run-1');
      const { deadlineAt } = (await ledger.find(key))!;
      if (isHeld) await ledger.writeOrder(key, { kind: 'hold', by: 'alice' });
      await foundDamaged();
      await database().query(
        `UPDATE archives SET fence_at = fence_at - 3600000, state_since = state_since - interval '1 hour'
         WHERE archive_id = $1`,
        [key.archiveId],
      );
      const { verdict } = await ledger.takeStep(key, fence(1, { runId, repairs }));
      const isQueued = (await queued(database(), key.tenant)).includes(key.archiveId);
      expect([verdict, isQueued]).toEqual(isHeld ? ['taken', false] : ['claimed', true]);
      const again = await ledger.takeStep(key, fence(4));
      expect(again).toMatchObject({
        verdict: 'taken',
        entry: { isRepair: false, ended: undefined, deadlineAt },
      });
    },
  );

  it('a repair cannot be extended, as it has no deadline', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.endClaim(key, fence(5), { reason: 'notSecured' });
    await ledger.takeStep(key, fence(1, { runId, repairs }));
    const order = { kind: 'extend', by: 'alice', ms: 1_000 } as const;
    expect(await ledger.writeOrder(key, order)).toMatchObject({ written: false });
  });

  it('a repair gives way to a claim that begins meanwhile with its own deadline, and waits for its end', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.endClaim(key, fence(5), { reason: 'notSecured' });
    await ledger.takeStep(key, fence(1, { runId, repairs }));
    const deadline = Date.now() + 1_000;
    const begun = await ledger.beginClaim(
      key,
      fence(1, { runId: 'next' }),
      begin({ conferenceId }, deadline),
    );
    expect(begun.entry.deadlineAt?.getTime()).toBe(deadline);
    expect(await ledger.takeStep(key, fence(2, { runId, repairs }))).toMatchObject({ verdict: 'claimed' });
    await ledger.endClaim(key, fence(5, { runId: 'next' }), { reason: 'notSecured' });
    await repaired();
    expect(await ledger.find(key)).toMatchObject({ ended: { reason: 'repaired' } });
  });

  it('a claim that finds its own copy damaged keeps running', async () => {
    const token = await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.noteBadCopy(key, token, { sha256: 'c'.repeat(64), sizeBytes: 7 });
    expect(await ledger.find(key)).toMatchObject({
      attention: { reason: 'CopyDamaged' },
      fixity: { ok: false },
    });
    const again = fence(3);
    await ledger.takeStep(key, again, 'verifying');
    expect(await ledger.secureCopy(key, again, securedArchive({ conferenceId }))).toBe('repaired');
    const entry = await ledger.find(key);
    expect([entry?.ended, entry?.attention]).toEqual([undefined, undefined]);
  });

  it('a new claim does not clear the attention that a damaged copy needs', async () => {
    await secure(ledger, key, { conferenceId });
    await foundDamaged();
    const { entry } = await ledger.beginClaim(key, fence(1, { runId: 'next' }), begin({ conferenceId }));
    expect(entry.attention).toMatchObject({ reason: 'CopyDamaged' });
  });

  it('the ledger queues the archives that waited for a damaged copy once it is restored from a backup', async () => {
    const sibling = newKey(key.tenant);
    await secure(ledger, key, { conferenceId }, 'run-1');
    await secure(ledger, sibling, { conferenceId }, 'run-2');
    await foundDamaged();
    await ledger.endClaim(sibling, fence(5, { runId: 'run-2' }), { reason: 'notSecured' });
    const entry = await ledger.find(key);
    expect(await ledger.recordRecheck(entry!, { verdict: 'whole', retryMs: 60_000 })).toBe('recorded');
    expect(await queued(database(), key.tenant)).toEqual([sibling.archiveId]);
  });
});
