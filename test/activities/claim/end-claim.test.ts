import { parseArchiveId, type ArchiveKey } from '../../../src/domain/ids';
import { claim, openActivitySite, secure, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';
import { ledgerEvents } from '../../ledger/archives';

describe('the unsuccessful end of a claim', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterEach(() => site.simulator.clearFaults());
  afterAll(() => site.close());

  async function begun(runId?: string): Promise<ArchiveKey> {
    const key = await site.archive();
    await site.runWith({ ...(runId !== undefined && { runId }) }, 'awaitAvailable', key, untilTomorrow());
    return key;
  }

  it.each([
    { kind: 'failed', reason: 'GivenUp' },
    { kind: 'missed', reason: 'ArchiveMissed' },
  ] as const)('is written with its reason, even if the activity runs repeatedly: $kind', async (end) => {
    const key = await begun('one');
    for (const attempt of [1, 2]) await site.runWith({ runId: 'one', attempt }, 'endClaim', key, end);
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: end.kind,
      ended: { reason: end.reason },
    });
    const ends = (await ledgerEvents(site.database, key)).filter(({ type }) => type === 'ingestion end');
    expect(ends).toMatchObject([{ outcome: 'failure', detail: { state: end.kind, reason: end.reason } }]);
  });

  it('never marks an archive as missed if there was a copy of it', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.run('endClaim', key, { kind: 'missed', reason: 'ArchiveMissed' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'secured' });
  });

  it('never undoes that an archive was abandoned', async () => {
    const key = await site.archive();
    await claim(site, key);
    await site.run('endClaim', key, { kind: 'failed', reason: 'DeadlineExceeded' });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'abandoned' });
  });

  it.each(['cancelled', 'deadline'] as const)('is recorded as a lasting order: %s', async (kind) => {
    const reason = kind === 'cancelled' ? 'Cancelled' : 'DeadlineExceeded';
    const key = await begun();
    await site.run('endClaim', key, { kind, reason });
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'failed',
      decided: { decision: kind, by: kind === 'cancelled' ? 'temporal' : 'deadline' },
      ended: { reason },
    });
  });

  it('is not recorded if somebody has moved the deadline that the claim knows', async () => {
    const key = await begun();
    const { deadlineAt } = (await site.ledger.find(key))!;
    const end = { kind: 'deadline', reason: 'DeadlineExceeded', deadlineAt: deadlineAt!.getTime() } as const;
    await site.ledger.writeOrder(key, { kind: 'extend', ms: 60_000, by: 'jane' });
    await expect(site.run('endClaim', key, end)).resolves.toBe('extended');
    await expect(site.ledger.find(key)).resolves.toMatchObject({
      state: 'announced',
      decided: undefined,
    });
    const passed = { ...end, deadlineAt: end.deadlineAt + 60_000 };
    await expect(site.run('endClaim', key, passed)).resolves.toBeUndefined();
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'failed' });
  });

  it('by a deadline is not recorded after a person has ordered another claim', async () => {
    const key = await begun('late');
    const { deadlineAt } = (await site.ledger.find(key))!;
    const end = { kind: 'deadline', reason: 'DeadlineExceeded', deadlineAt: deadlineAt!.getTime() } as const;
    await site.runWith({ runId: 'late' }, 'endClaim', key, end);
    await site.ledger.writeOrder(key, { kind: 'claim', by: 'jane' });
    await expect(site.runWith({ runId: 'late', attempt: 2 }, 'endClaim', key, end)).resolves.toBeUndefined();
    await expect(site.ledger.find(key)).resolves.toMatchObject({ decided: undefined });
  });

  it('leaves the state alone while a request may still take effect', async () => {
    const key = await site.archive();
    await secure(site, key);
    await site.database.query(
      `INSERT INTO abandons (id, tenant, conference_id, members, archive_id, run_id, worker)
       SELECT gen_random_uuid(), tenant, conference_ids[1], ARRAY[archive_id], archive_id, 'run', 'worker'
       FROM archives WHERE archive_id = $1`,
      [key.archiveId],
    );
    await site.run('endClaim', key, { kind: 'deadline', reason: 'DeadlineExceeded' });
    const entry = await site.ledger.find(key);
    expect(entry).toMatchObject({ state: 'secured', decided: { decision: 'deadline' } });
    expect(entry).toHaveProperty('ended', undefined);
  });

  it('records a cancellation before the first step, once the platform shows the archive', async () => {
    const key = await site.archive();
    await site.simulator.setFaults([{ fault: 'status', endpoint: 'record', statusCode: 503 }]);
    const cancel = () => site.run('endClaim', key, { kind: 'cancelled', reason: 'Cancelled' });
    await expect(cancel()).rejects.toMatchObject({ type: 'PlatformUnavailable', nonRetryable: false });
    await site.simulator.clearFaults();
    await cancel();
    await expect(site.ledger.find(key)).resolves.toMatchObject({ decided: { decision: 'cancelled' } });
  });

  it.each(['failed', 'cancelled', 'deadline'] as const)(
    'stores nothing about an unknown archive (%s)',
    async (kind) => {
      const key = { tenant: TENANT, archiveId: parseArchiveId(`unknown-${kind}`) };
      await site.run('endClaim', key, { kind, reason: 'ArchiveUnknown' });
      await expect(site.ledger.find(key)).resolves.toBeUndefined();
    },
  );

  it('by an older run changes nothing once a newer run has begun', async () => {
    const key = await begun('old');
    const late = site.runWith(
      { ledger: { ...site.ledger, endClaim: slowly(site.ledger.endClaim, () => begin(key, 'new')) } },
      'endClaim',
      key,
      { kind: 'failed', reason: 'DeadlineExceeded' },
    );
    await expect(late).rejects.toMatchObject({ type: 'FencedOff', nonRetryable: false });
    await expect(site.ledger.find(key)).resolves.toMatchObject({ state: 'announced', runId: 'new' });
  });

  describe('a reason for attention', () => {
    it('is shown beside the state until the claim continues', async () => {
      const key = await begun();
      await site.run('needAttention', key, 'ChecksumMissing');
      await expect(site.ledger.find(key)).resolves.toMatchObject({
        state: 'announced',
        attention: { reason: 'ChecksumMissing' },
      });
      await site.run('awaitAvailable', key, untilTomorrow());
      expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
    });

    it('is not recorded for an unknown archive', async () => {
      const key = { tenant: TENANT, archiveId: parseArchiveId('unknown-attention') };
      await site.run('needAttention', key, 'RecordInvalid');
      await expect(site.ledger.find(key)).resolves.toBeUndefined();
    });

    it('is not recorded for a claim that its own run has ended, which is told', async () => {
      const key = await begun('one');
      await site.runWith({ runId: 'one' }, 'endClaim', key, { kind: 'failed', reason: 'GivenUp' });
      expect(await site.runWith({ runId: 'one' }, 'needAttention', key, 'ChecksumMissing')).toBe('ended');
      expect(await site.ledger.find(key)).toHaveProperty('attention', undefined);
    });
  });

  async function begin(key: ArchiveKey, runId: string): Promise<void> {
    await site.runWith({ runId }, 'awaitAvailable', key, untilTomorrow());
  }
});

/** Something happens before the call. */
function slowly<Args extends unknown[], Result>(
  call: (...args: Args) => Promise<Result>,
  before: () => Promise<void>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    await before();
    return await call(...args);
  };
}
