import type { ArchiveKey } from '../../../src/domain/ids';
import { openActivitySite, TENANT, untilTomorrow, type ActivitySite } from '../activity-site';

/** What the list shows is claimed in the end, whatever became of the start of its claim. */
describe('the daily retry of a claim that failed', () => {
  let site: ActivitySite;
  beforeAll(async () => (site = await openActivitySite()));
  afterAll(() => site.close());

  const lease = async (leaseMs: number) =>
    (await site.ledger.lease({ tenants: [TENANT], limit: 10, leaseMs, leasedBy: 'test' })).map(
      ({ archiveId }) => archiveId,
    );

  async function failedYesterday(): Promise<ArchiveKey> {
    const key = await site.archive();
    await site.run('awaitAvailable', key, untilTomorrow());
    await site.run('endClaim', key, { kind: 'deadline', reason: 'DeadlineExceeded' });
    await site.database.query(
      `UPDATE archives SET decided_at = decided_at - interval '25 hours', ended_at = ended_at - interval '25 hours',
         state_since = state_since - interval '25 hours' WHERE archive_id = $1`,
      [key.archiveId],
    );
    return key;
  }

  it('is used up only when the claim begins, not when its start is attempted', async () => {
    const key = await failedYesterday();
    await expect(site.run('reconcileArchives', TENANT)).resolves.toMatchObject({ queued: 1 });
    // The start gets lost, twice.
    for (let start = 1; start <= 2; start += 1) {
      expect(await lease(20)).toEqual([key.archiveId]);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await site.run('awaitAvailable', key, untilTomorrow());
    expect(await lease(20)).toEqual([]);
  });
});
