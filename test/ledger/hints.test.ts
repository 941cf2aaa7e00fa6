import type { ArchiveKey } from '../../src/domain/ids';
import { createLedger, type Ledger } from '../../src/ledger/ledger';
import { openSession, withDatabase } from '../support/postgres';
import {
  age,
  begin,
  DAY_MS,
  enqueue,
  fence,
  list,
  newKey,
  newTenant,
  queued,
  secure,
  tell,
} from './archives';

withDatabase((database) => {
  let ledger: Ledger;
  let key: ArchiveKey;
  beforeEach(() => {
    ledger = createLedger(database());
    key = newKey(newTenant());
  });

  const hint = async () => (await ledger.enqueueHints([key], 5_000))[0];
  const lease = () => ledger.lease({ tenants: [key.tenant], limit: 10, leaseMs: 0, leasedBy: 'me' });
  const listed = (status: string) => list(ledger, key.tenant, [{ archiveId: key.archiveId, status }]);
  const begun = (status: string) => ledger.beginClaim(key, fence(1), begin({ status }));

  it('the ledger answers a batch of hints in the order of the batch', async () => {
    const other = newKey(newTenant());
    await ledger.enqueueHints([other], 5_000);
    expect(await ledger.enqueueHints([key, other, key, newKey(), other], 5_000)).toEqual([
      'accepted',
      'duplicate',
      'duplicate',
      'accepted',
      'duplicate',
    ]);
    expect(await ledger.enqueueHints([], 5_000)).toEqual([]);
  });

  it('a hint that exceeds its timeout fails, and the next one gets a working connection', async () => {
    const session = await openSession(database());
    await session.query('BEGIN');
    await session.query('LOCK TABLE queue IN ACCESS EXCLUSIVE MODE');
    await expect(ledger.enqueueHints([key], 200)).rejects.toMatchObject({
      type: 'LedgerUnavailable',
      message: 'The ledger could not do "enqueue hints" (no answer).',
    });
    await ledger.ping();
    await session.close();
  });

  it.each<[string, 'accepted' | 'duplicate', () => Promise<unknown>]>([
    ['nobody ever saw', 'accepted', () => Promise.resolve()],
    ['waits for the platform', 'accepted', () => begun('PACKING')],
    ['is being downloaded', 'duplicate', () => begun('AVAILABLE')],
    [
      'needs a person',
      'accepted',
      async () => {
        await begun('AVAILABLE');
        await ledger.needAttention(key, fence(5), 'ZipUnreadable');
      },
    ],
    ['is secured', 'duplicate', () => secure(ledger, key)],
    [
      'is secured, and its claim has ended',
      'duplicate',
      async () => {
        await secure(ledger, key, {}, 'run-1');
        await ledger.endClaim(key, fence(5), { reason: 'notSecured' });
      },
    ],
    [
      'is done',
      'duplicate',
      async () => {
        await secure(ledger, key);
        await tell(ledger, key);
      },
    ],
    [
      'was told before there was a copy',
      'accepted',
      async () => {
        await listed('ABANDONED');
        await database().query('DELETE FROM queue WHERE tenant = $1', [key.tenant]);
      },
    ],
    [
      'was given up before its claim ever began',
      'duplicate',
      () => ledger.writeOrder(key, { kind: 'giveUp', by: 'alice' }, begin().record),
    ],
    [
      'was cancelled long ago',
      'duplicate',
      async () => {
        await begun('AVAILABLE');
        await ledger.writeOrder(key, { kind: 'cancel', by: 'alice' });
        await ledger.conclude(key, 'Cancelled');
        await age(database(), key, 30 * DAY_MS);
      },
    ],
    [
      'failed by its deadline a moment ago',
      'duplicate',
      async () => {
        await begun('AVAILABLE');
        await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
        await ledger.conclude(key, 'DeadlineExceeded');
      },
    ],
    [
      'failed by its deadline a day ago',
      'accepted',
      async () => {
        await begun('AVAILABLE');
        await ledger.writeOrder(key, { kind: 'deadline', by: 'deadline' });
        await ledger.conclude(key, 'DeadlineExceeded');
        await age(database(), key, DAY_MS);
      },
    ],
    [
      'was missed',
      'duplicate',
      async () => {
        await begun('EXPIRED');
        await ledger.endClaim(key, fence(5), { state: 'missed', reason: 'ArchiveMissed' });
      },
    ],
  ])('a hint about an archive that %s is %s', async (_, answer, arrange) => {
    await arrange();
    expect(await hint()).toBe(answer);
    expect(await lease()).toHaveLength(answer === 'accepted' ? 1 : 0);
  });

  it('a lease shows what the ledger knows of the archive', async () => {
    await hint();
    expect((await lease())[0]?.known).toBeUndefined();
    await enqueue(database(), [key], 'order');
    await begun('PACKING');
    await enqueue(database(), [key], 'order');
    const known = { state: 'waiting', underWay: true, settled: false, attention: false };
    expect((await lease())[0]?.known).toEqual(known);
    await ledger.needAttention(key, fence(5), 'PlatformFailed');
    expect((await lease())[0]?.known).toEqual({ ...known, attention: true });
    await secure(ledger, key, {}, 'run-1');
    await ledger.writeOrder(key, { kind: 'hold', by: 'alice' });
    await enqueue(database(), [key], 'order');
    expect((await lease())[0]?.known).toEqual({ ...known, state: 'secured', settled: true });
    await ledger.endClaim(key, fence(5), { reason: 'held' });
    expect((await lease())[0]?.known).toMatchObject({ underWay: false, settled: true });
    await ledger.writeOrder(key, { kind: 'release', by: 'alice' });
    expect((await lease())[0]?.known).toMatchObject({ underWay: false, settled: false });
    await tell(ledger, key);
    expect((await lease())[0]?.known).toMatchObject({ state: 'abandoned', settled: true });
  });

  it('a hint about an archive unknown to the platform is due after 1, 5, 15 and 40 minutes, then gone', async () => {
    await hint();
    const waits: number[] = [];
    for (let answer = 0; answer < 4; answer++) {
      await database().query('UPDATE queue SET due_at = clock_timestamp() WHERE tenant = $1', [key.tenant]);
      await lease();
      await ledger.noteUnknown(key);
      expect(await lease()).toEqual([]);
      const [row] = await database().query(
        'SELECT round(extract(epoch FROM due_at - clock_timestamp()) / 60)::integer AS minutes FROM queue WHERE tenant = $1',
        [key.tenant],
      );
      waits.push(Number(row?.['minutes']));
    }
    expect(waits).toEqual([1, 5, 15, 40]);
    await ledger.noteUnknown(key);
    expect(await queued(database(), key.tenant)).toEqual([]);
    await ledger.noteUnknown(key);
    expect(await hint()).toBe('accepted');
  });

  it('the ledger counts the answers of the platform, not the leases', async () => {
    await hint();
    for (let turn = 0; turn < 20; turn++) await lease();
    await ledger.noteUnknown(key);
    expect(await hint()).toBe('duplicate');
  });

  it.each(['list', 'order', 'retry'] as const)('the ledger never drops the origin %s', async (origin) => {
    await enqueue(database(), [key], origin);
    for (let answer = 0; answer < 6; answer++) await ledger.noteUnknown(key);
    expect(await lease()).toMatchObject([{ ...key, origin }]);
  });
});
