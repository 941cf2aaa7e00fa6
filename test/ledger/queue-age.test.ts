import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { withDatabase } from '../support/postgres';
import { begin, newKey, newTenant } from './archives';

/** What the alert about the queue is made of. */
withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  beforeEach(async () => {
    ledger = createLedger(database());
    await database().query('DELETE FROM queue');
    key = newKey(newTenant());
    await ledger.enqueueHints([key], 5_000);
  });

  const pass = (by: string) =>
    database().query(
      'UPDATE queue SET queued_at = queued_at - $1::interval, due_at = due_at - $1::interval',
      [by],
    );
  const lease = () => ledger.lease({ tenants: [key.tenant], limit: 1, leaseMs: 60_000, leasedBy: 'me' });
  const oldest = async () => Math.round((await ledger.measureQueue()).oldestSeconds);

  it.each([
    ['its claim was started, and no worker begins it', 'leased'],
    ['Temporal refuses its claim', 600_000],
    ['Temporal is silent', 0],
  ] as const)('the age of a queued row grows while %s', async (_, next) => {
    for (let minutes = 0; minutes < 30; minutes += 10) {
      await pass('10 minutes');
      expect(await lease()).toHaveLength(1);
      if (next !== 'leased') await ledger.postpone([{ ...key, dueInMs: next }], 'me');
    }
    expect(await oldest()).toBe(1_800);
  });

  it('the age continues if the archive is queued again', async () => {
    await pass('10 minutes');
    await ledger.writeOrder(key, { kind: 'claim', by: 'alice' }, begin().record);
    expect(await oldest()).toBe(600);
  });

  it('the age is zero while a claim cannot begin because its worker gets no record', async () => {
    await pass('10 minutes');
    await ledger.noteUnread(key);
    expect(await ledger.measureQueue()).toEqual({ entries: 1, oldestSeconds: 0 });
    // A claim in attention asks again after 6 hours: later than that, no worker runs.
    await pass('7 hours 10 minutes');
    expect(await oldest()).toBe(600);
  });

  it('the age is zero until an archive that is unknown to the platform is due again', async () => {
    await pass('10 minutes');
    await ledger.noteUnknown(key);
    expect(await oldest()).toBe(0);
    await pass('11 minutes');
    expect(await oldest()).toBe(600);
  });
});
