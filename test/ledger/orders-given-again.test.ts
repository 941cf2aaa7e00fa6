import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { whileOpen } from './while-open';
import { begin, fence, ledgerEvents, newKey, newTenant, queued, secure } from './archives';

/** An attempt whose answer was lost is made again, and a claim acts on what it read some time ago. */
withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  const by = 'alice';
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  const begun = (deadlineAt?: number) => ledger.beginClaim(key, fence(1), begin({}, deadlineAt));
  const orders = async () =>
    (await ledgerEvents(database(), key)).flatMap(({ detail }) => ('order' in detail ? [detail] : []));
  const isQueued = async () => (await queued(database(), key.tenant)).length > 0;
  const empty = () => database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);

  it.each([
    ['hold', 'release'],
    ['release', 'hold'],
    ['giveUp', 'claim'],
    ['cancel', 'claim'],
    ['deadline', 'claim'],
    ['claim', 'giveUp'],
  ] as const)(
    'a repeated order changes nothing, whatever was ordered since: %s, %s',
    async (kind, contrary) => {
      await begun();
      await ledger.writeOrder(key, { kind: contrary, by });
      const order = { kind, by, id: 'run/7' };
      expect(await ledger.writeOrder(key, order)).toMatchObject({ written: true });
      await ledger.writeOrder(key, { kind: contrary, by: 'bob' });
      await empty();
      const stands = async () => {
        const { held, decided } = (await ledger.find(key))!;
        return [held?.by, decided?.by, await isQueued()];
      };
      const before = [await stands(), await orders()];
      expect(await ledger.writeOrder(key, order)).toMatchObject({ written: true });
      expect([await stands(), await orders()]).toEqual(before);
    },
  );

  it.each([
    ['hold', 'hold', 'release'],
    ['release', 'release', 'hold'],
    ['giveUp', 'cancel', 'claim'],
    ['cancel', 'giveUp', 'claim'],
    ['deadline', 'giveUp', 'claim'],
  ] as const)(
    'a late attempt of a refused order changes nothing, whatever was ordered since: %s, after %s, then %s',
    async (kind, before, since) => {
      await begun();
      await ledger.writeOrder(key, { kind: before, by });
      const order = { kind, by: 'bob', id: 'run/7' };
      expect(await ledger.writeOrder(key, order)).toMatchObject({ written: false });
      await ledger.writeOrder(key, { kind: since, by });
      const stands = [await ledger.find(key), await orders()];
      expect(await ledger.writeOrder(key, order)).toMatchObject({ written: false });
      expect([await ledger.find(key), await orders()]).toEqual(stands);
    },
  );

  it('concurrent attempts of an order write it once and wake the claim once', async () => {
    await begun();
    const order = { kind: 'retry', by, id: 'run/7' } as const;
    await whileOpen(
      database(),
      ({ query }) =>
        query("SELECT order_go_on($1, $2, 'retry', NULL, $3, NULL, $4)", [
          key.tenant,
          key.archiveId,
          by,
          order.id,
        ]),
      () => ledger.writeOrder(key, order),
    );
    expect(await orders()).toHaveLength(1);
  });

  it.each(['hold', 'giveUp'] as const)('the chain warns of an order already in force: %s', async (kind) => {
    await begun();
    await ledger.writeOrder(key, { kind, by });
    await ledger.writeOrder(key, { kind, by: 'bob', id: 'run/7' });
    const events = (await ledgerEvents(database(), key)).filter(({ detail }) => 'order' in detail);
    expect(events).toMatchObject([{ outcome: 'success' }, { outcome: 'warning', detail: { by: 'bob' } }]);
  });

  it('an order without an id leaves no trace if it does not apply', async () => {
    await begun();
    await ledger.writeOrder(key, { kind: 'release', by });
    expect(await orders()).toEqual([]);
  });

  it('a release queues an archive that was held, given up and claimed again', async () => {
    await secure(ledger, key);
    for (const kind of ['hold', 'giveUp'] as const) await ledger.writeOrder(key, { kind, by });
    await ledger.conclude(key, 'GivenUp');
    await ledger.writeOrder(key, { kind: 'claim', by });
    await empty();
    await ledger.writeOrder(key, { kind: 'release', by });
    expect(await isQueued()).toBe(true);
  });

  it('an ended claim cannot be extended', async () => {
    await begun(Date.now() + 60_000);
    await ledger.writeOrder(key, { kind: 'giveUp', by });
    expect(await ledger.writeOrder(key, { kind: 'extend', ms: 1_000, by })).toMatchObject({ written: false });
  });

  it('a repeated order extends and retries only once', async () => {
    await begun(Date.now() + 60_000);
    for (const order of [
      { kind: 'extend', ms: 1_000, by, id: '1' } as const,
      { kind: 'retry', by, id: '2' } as const,
    ]) {
      const first = await ledger.writeOrder(key, order);
      const again = await ledger.writeOrder(key, order);
      expect(again).toMatchObject({ written: true, entry: { deadlineAt: first.entry?.deadlineAt } });
    }
    expect(await orders()).toHaveLength(2);
  });

  it('a deadline that was moved since its claim read it does not end the claim', async () => {
    const deadlineAt = Date.now() + 60_000;
    await begun(deadlineAt);
    const order = { kind: 'deadline', by, deadlineAt } as const;
    await ledger.writeOrder(key, { kind: 'extend', by, ms: 1_000 });
    expect(await ledger.writeOrder(key, order)).toMatchObject({
      written: false,
      entry: { decided: undefined },
    });
    const moved = { ...order, deadlineAt: deadlineAt + 1_000 };
    expect(await ledger.writeOrder(key, moved)).toMatchObject({ written: true });
  });
});
