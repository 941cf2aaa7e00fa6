import { randomUUID } from 'node:crypto';
import { ArchivistError } from '../../../src/domain/failures';
import { parseArchiveId, type ArchiveKey } from '../../../src/domain/ids';
import type { GivenOrder } from '../../../src/domain/orders';
import { sent } from '../../ledger/archives';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

const by = 'jane@example.com';

describe('an order', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => site.simulator.clearFaults());
  afterAll(() => site.close());

  const order = (key: ArchiveKey, kind: Exclude<GivenOrder['kind'], 'extend'>, reason?: string) =>
    site.run('giveOrder', key, { kind, by, ...(reason !== undefined && { reason }) });

  async function begun(): Promise<ArchiveKey> {
    const key = await site.archive();
    await site.run('awaitAvailable', key, untilTomorrow());
    return key;
  }

  async function secured(): Promise<ArchiveKey> {
    const key = await site.archive();
    await secure(site, key);
    return key;
  }

  it('to hold blocks the abandon of every archive of the conference until the release', async () => {
    const conferenceId = 'held-conference';
    const [one, other] = [await site.archive({ conferenceId }), await site.archive({ conferenceId })];
    const copy = await secure(site, one);
    await secure(site, other);
    await order(other, 'hold');
    await expect(site.run('abandonArchive', one, copy)).resolves.toEqual({
      outcome: 'waits',
      waitsFor: 'held',
    });
    await expect(order(other, 'release')).resolves.toMatchObject({ answer: 'confirmed', state: 'secured' });
    await expect(site.run('abandonArchive', one, copy)).resolves.toEqual({ outcome: 'abandoned' });
  });

  it('to release is refused if the archive is not held', async () => {
    const key = await secured();
    await expect(order(key, 'release')).resolves.toEqual({
      answer: 'refused',
      why: 'it is not held',
      state: 'secured',
    });
    const unknown = { tenant: TENANT, archiveId: parseArchiveId('unknown-release') };
    await expect(order(unknown, 'release')).resolves.toEqual({ answer: 'unknown' });
  });

  it('that is repeated because its answer was lost does not undo later orders', async () => {
    const key = await secured();
    await order(key, 'hold');
    const release = { kind: 'release', by, id: randomUUID() } as const;
    await site.run('giveOrder', key, release);
    await expect(order(key, 'hold')).resolves.toMatchObject({ answer: 'confirmed' });
    await expect(site.run('giveOrder', key, release)).resolves.toMatchObject({
      answer: 'confirmed',
    });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ held: { by } });
  });

  it.each(['hold', 'giveUp'] as const)(
    'to %s is refused on repetition if somebody has revoked it',
    async (kind) => {
      const key = await begun();
      const first = { kind, by, id: randomUUID() };
      await site.run('giveOrder', key, first);
      await order(key, kind === 'hold' ? 'release' : 'claim');
      await expect(site.run('giveOrder', key, first)).resolves.toMatchObject({ answer: 'refused' });
      const { held, decided } = (await site.ledger.find(key))!;
      expect([held, decided]).toEqual([undefined, undefined]);
    },
  );

  it('about an archive with an unknown conference reveals the conference, even while requests are open', async () => {
    const [key, other] = [await site.archive(), await secured()];
    await site.ledger.writeOrder(key, { kind: 'hold', by }, { status: 'AVAILABLE', ...sent('{}') });
    await site.database.query(
      `INSERT INTO abandons (id, tenant, conference_id, members, archive_id, run_id, worker)
       SELECT gen_random_uuid(), tenant, 'elsewhere', ARRAY[archive_id], archive_id, 'run', 'worker'
       FROM archives WHERE archive_id = $1`,
      [other.archiveId],
    );
    await expect(order(key, 'giveUp')).resolves.toMatchObject({ answer: 'confirmed', state: 'failed' });
    const { conferenceId } = (await site.ledger.find(key))!;
    expect(conferenceId).toBeDefined();
  });

  it('to claim a missed archive checks whether the platform has it again', async () => {
    const key = await site.archive({ statuses: [{ status: 'EXPIRED' }] });
    await site.ledger.writeOrder(key, { kind: 'claim', by }, { status: 'EXPIRED', ...sent('{}') });
    await site.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await site.simulator.setStatus(key.archiveId, { status: 'AVAILABLE' });
    await expect(order(key, 'claim')).resolves.toMatchObject({ answer: 'confirmed' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ platformStatus: 'AVAILABLE' });
  });

  it('to give up outranks the deadline, and stands until a person claims the archive again', async () => {
    const key = await begun();
    await order(key, 'deadline');
    await order(key, 'giveUp');
    await order(key, 'deadline');
    await expect(site.run('readOrders', key)).resolves.toMatchObject({ decision: 'giveUp' });
    await expect(order(key, 'retry')).resolves.toMatchObject({ answer: 'refused', state: 'failed' });
    await expect(order(key, 'claim')).resolves.toMatchObject({ answer: 'confirmed' });
    await expect(site.run('readOrders', key)).resolves.not.toHaveProperty('decision');
    const leased = await site.ledger.lease({
      tenants: [TENANT],
      limit: 100,
      leaseMs: 1,
      leasedBy: 'test',
    });
    expect(leased).toContainEqual(expect.objectContaining({ archiveId: key.archiveId, origin: 'order' }));
  });

  it('to claim creates the row of an archive that was never announced', async () => {
    const key = await site.archive();
    await expect(order(key, 'claim')).resolves.toMatchObject({ answer: 'confirmed', state: 'announced' });
  });

  it.each(['retry', 'acceptWithoutChecksum', 'acceptUnreadable'] as const)(
    'to %s is kept, and refused once nothing is left to decide',
    async (kind) => {
      const [open, done] = [await begun(), await site.archive()];
      await expect(order(open, kind)).resolves.toMatchObject({ answer: 'confirmed' });
      await claim(site, done);
      await expect(order(done, kind)).resolves.toMatchObject({ answer: 'refused', state: 'abandoned' });
      await expect(order(await site.archive(), kind)).resolves.toMatchObject({ answer: 'refused' });
    },
  );

  it('to extend moves the deadline of a running claim, up to 60 days ahead', async () => {
    const key = await begun();
    const before = (await site.run('readOrders', key)).deadlineAt ?? 0;
    const extend = (ms: number) => site.run('giveOrder', key, { kind: 'extend', ms, by });
    await expect(extend(3_600_000)).resolves.toEqual({
      answer: 'confirmed',
      state: 'announced',
      deadlineAt: before + 3_600_000,
    });
    await expect(extend(61 * 24 * 3_600_000)).resolves.toMatchObject({ answer: 'refused' });
    await expect(site.run('readOrders', key)).resolves.toEqual({ deadlineAt: before + 3_600_000 });
    await order(key, 'giveUp');
    await expect(extend(1)).resolves.toMatchObject({ answer: 'refused' });
  });

  it.each(['', 'jane doe', 'x'.repeat(65)])('is not accepted from the account %j', async (name) => {
    const key = await begun();
    await expect(site.run('giveOrder', key, { kind: 'hold', by: name })).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
    });
    expect(await site.ledger.find(key)).toHaveProperty('held', undefined);
  });

  it('is not accepted with a reason of two lines', async () => {
    const key = await begun();
    await expect(order(key, 'hold', 'one\ntwo')).rejects.toMatchObject({ type: 'InvalidInput' });
  });

  it('for a tenant that is not configured here is written if the ledger knows the archive', async () => {
    const [known, unknown] = [await begun(), await site.archive()];
    const platformOf: ActivitySite['platformOf'] = () => {
      throw new ArchivistError('UnknownTenant', 'As told.');
    };
    const cancel = (key: ArchiveKey) =>
      site.runWith({ platformOf }, 'giveOrder', key, { kind: 'cancel', by });
    await expect(cancel(known)).resolves.toMatchObject({ answer: 'confirmed', state: 'failed' });
    await expect(cancel(unknown)).rejects.toMatchObject({ type: 'UnknownTenant' });
  });

  it.each(['acceptWithoutChecksum', 'retry'] as const)(
    'to %s that was refused because the claim was given up does not apply to the next claim',
    async (kind) => {
      const key = await begun();
      await order(key, 'giveUp');
      await expect(order(key, kind)).resolves.toMatchObject({ answer: 'refused' });
      await order(key, 'claim');
      await expect(site.ledger.find(key)).resolves.toMatchObject({ accepted: [] });
    },
  );
});
