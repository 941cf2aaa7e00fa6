import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { begin, fence, ledgerEvents, newKey, newTenant, queued } from './archives';

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
    'an order that is given again changes nothing, whatever was ordered since: %s, %s',
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

  it('an order that is given again extends and retries once', async () => {
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

  it('a deadline that was moved since its claim looked does not end it', async () => {
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
