import { FARTHEST_DEADLINE_MS } from '../../src/domain/orders';
import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import {
  A_DATE,
  begin,
  DAY_MS,
  enqueue,
  fence,
  ledgerEvents,
  newConference,
  newKey,
  newTenant,
  queued,
  recordNote,
  secure,
  tell,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const conferenceId = newConference();
  const by = 'alice';
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  const begun = (deadlineAt?: number) =>
    ledger.beginClaim(key, fence(1), begin({ conferenceId }, deadlineAt));
  const orders = async () =>
    (await ledgerEvents(database(), key)).flatMap(({ detail }) => ('order' in detail ? [detail] : []));
  const isQueued = async () => (await queued(database(), key.tenant)).length > 0;
  const empty = () => database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);

  it.each(['hold', 'giveUp', 'cancel', 'claim', 'deadline'] as const)(
    'an order (%s) for an archive without a row is written only together with its record',
    async (kind) => {
      const look = await ledger.writeOrder(key, { kind, by });
      expect(look).toEqual({
        written: false,
        told: false,
        flightsOpen: 0,
        flightsEver: 0,
      });
      expect(await ledger.find(key)).toBeUndefined();
      const shown = await ledger.writeOrder(key, { kind, by }, recordNote({ conferenceId }));
      expect(shown).toMatchObject({ written: true, entry: { state: 'announced', conferenceId } });
      expect(shown.entry?.runId).toBeUndefined();
    },
  );

  it('an order records its author and its reason in the chain, once', async () => {
    await secure(ledger, key, { conferenceId });
    const order = { kind: 'hold', by, reason: 'a lawsuit' } as const;
    expect(await ledger.writeOrder(key, order)).toMatchObject({
      written: true,
      entry: { held: { by, since: A_DATE } },
    });
    const again = await ledger.writeOrder(key, { kind: 'hold', by: 'bob' });
    expect(again).toMatchObject({ written: false, entry: { held: { by } } });
    expect(await orders()).toEqual([{ order: 'hold', by, why: 'a lawsuit' }]);
    expect(await ledger.writeOrder(key, { kind: 'release', by: 'bob' })).toMatchObject({ written: true });
    expect((await ledger.find(key))?.held).toBeUndefined();
    expect(await ledger.writeOrder(key, { kind: 'release', by: 'bob' })).toMatchObject({ written: false });
    expect(await orders()).toHaveLength(2);
  });

  it('a release queues an archive whose claim ended because of the hold', async () => {
    await secure(ledger, key, { conferenceId }, 'run-1');
    await ledger.writeOrder(key, { kind: 'hold', by });
    await ledger.endClaim(key, fence(5), { reason: 'held' });
    await ledger.writeOrder(key, { kind: 'release', by });
    expect(await queued(database(), key.tenant)).toEqual([key.archiveId]);
  });

  it('an order comes too late once the platform was told', async () => {
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key);
    for (const kind of ['hold', 'giveUp', 'cancel', 'deadline'] as const) {
      const look = await ledger.writeOrder(key, { kind, by });
      expect(look).toMatchObject({ written: false, told: true, entry: { state: 'abandoned' } });
      expect([look.entry?.held, look.entry?.decided]).toEqual([undefined, undefined]);
    }
  });

  it('giveUp removes the archive from the queue, and the state is failed only when it is concluded', async () => {
    await begun();
    await ledger.needAttention(key, fence(5), 'ZipUnreadable');
    await enqueue(database(), [key], 'retry');
    expect(await ledger.writeOrder(key, { kind: 'giveUp', by, reason: 'empty' })).toMatchObject({
      written: true,
      entry: { state: 'announced', decided: { decision: 'giveUp', by, at: A_DATE } },
    });
    expect(await isQueued()).toBe(false);
    expect(await ledger.undecided(key.tenant, 10)).toEqual([key]);
    const { entry } = await ledger.conclude(key, 'GivenUp');
    expect(entry).toMatchObject({ state: 'failed', ended: { reason: 'GivenUp' } });
    expect(entry?.attention).toBeUndefined();
    expect(await ledger.undecided(key.tenant, 10)).toEqual([]);
    const before = await ledgerEvents(database(), key);
    await ledger.conclude(key, 'GivenUp');
    expect(await ledgerEvents(database(), key)).toEqual(before);
  });

  it('the ledger concludes nothing that nobody ordered, and nothing for an unknown archive', async () => {
    await begun();
    expect((await ledger.conclude(key, 'GivenUp')).entry).toMatchObject({ state: 'announced' });
    expect((await ledger.conclude(newKey(), 'GivenUp')).entry).toBeUndefined();
  });

  it('a person can overrule a deadline, but a deadline cannot overrule a person', async () => {
    await begun();
    await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
    const cancelled = { decision: 'cancelled', by };
    expect((await ledger.writeOrder(key, { kind: 'cancel', by })).entry?.decided).toMatchObject(cancelled);
    const late = await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
    expect(late).toMatchObject({ written: false, entry: { decided: cancelled } });
  });

  it('a person can claim again what was given up', async () => {
    await begun();
    await ledger.writeOrder(key, { kind: 'giveUp', by });
    await ledger.conclude(key, 'GivenUp');
    const look = await ledger.writeOrder(key, { kind: 'claim', by: 'bob', reason: 'needed after all' });
    expect([look.written, look.entry?.decided]).toEqual([true, undefined]);
    expect(await ledger.lease({ tenants: [key.tenant], limit: 1, leaseMs: 0, leasedBy: 'me' })).toMatchObject(
      [{ origin: 'order', known: { settled: false } }],
    );
    expect(await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }))).toMatchObject(
      {
        verdict: 'taken',
        entry: { state: 'announced' },
      },
    );
    expect((await orders()).at(-1)).toEqual({ order: 'claim', by: 'bob', why: 'needed after all' });
  });

  it.each([
    ['retry', []],
    ['acceptWithoutChecksum', ['withoutChecksum']],
    ['acceptUnreadable', ['unreadable']],
  ] as const)('the order %s lets the claim continue, and the ledger keeps it', async (kind, accepted) => {
    await begun();
    for (let time = 0; time < 2; time++) {
      expect(await ledger.writeOrder(key, { kind, by })).toMatchObject({ entry: { accepted } });
    }
    expect(await isQueued()).toBe(true);
    await ledger.beginClaim(key, fence(1, { runId: 'run-2' }), begin({ conferenceId }));
    expect(await ledger.find(key)).toMatchObject({ accepted });
  });

  it('an order queues nothing that is decided or done', async () => {
    await begun();
    await ledger.writeOrder(key, { kind: 'cancel', by });
    await ledger.writeOrder(key, { kind: 'retry', by });
    expect(await isQueued()).toBe(false);
    await ledger.writeOrder(key, { kind: 'claim', by });
    await empty();
    await secure(ledger, key, { conferenceId });
    await tell(ledger, key);
    await ledger.writeOrder(key, { kind: 'claim', by });
    await ledger.writeOrder(key, { kind: 'retry', by });
    expect(await isQueued()).toBe(false);
  });

  it('extend moves a deadline from its current time, or from now if it has passed, up to 60 days ahead', async () => {
    const deadlineAt = Date.now() + DAY_MS;
    await begun(deadlineAt);
    const extended = await ledger.writeOrder(key, { kind: 'extend', ms: 2 * DAY_MS, by });
    expect([extended.written, extended.entry?.deadlineAt]).toEqual([true, new Date(deadlineAt + 2 * DAY_MS)]);
    const tooFar = await ledger.writeOrder(key, { kind: 'extend', ms: FARTHEST_DEADLINE_MS, by });
    expect([tooFar.written, tooFar.entry?.deadlineAt]).toEqual([false, extended.entry?.deadlineAt]);
    expect(await orders()).toEqual([{ order: 'extend', by, ms: 2 * DAY_MS }]);
    await database().query("UPDATE archives SET deadline_at = now() - interval '9 days' WHERE tenant = $1", [
      key.tenant,
    ]);
    const late = await ledger.writeOrder(key, { kind: 'extend', ms: DAY_MS, by });
    expect(late.entry!.deadlineAt!.getTime()).toBeGreaterThan(Date.now() + DAY_MS - 60_000);
  });

  it('extend cannot move the deadline of a claim that has ended', async () => {
    await begun();
    await ledger.endClaim(key, fence(5), { state: 'failed', reason: 'RecordInvalid' });
    expect((await ledger.writeOrder(key, { kind: 'extend', ms: DAY_MS, by })).written).toBe(false);
  });
});
