import { freePort } from '../../src/processes/free-port';
import { matching } from '../simulator/matchers';
import { expectClaimed } from './expect-claimed';
import { openTemporalSite, type TemporalSite } from './temporal-site';
import { until } from './until';

const HOST = '127.0.0.1';
const INTERVAL_MS = 3_000;
/** What ten small archives take on a machine that is busy. */
const THEIR_OWN_TIME_MS = 60_000;

describe('without webhooks,', () => {
  let site: TemporalSite;
  let metrics: string;
  beforeAll(async () => {
    const port = await freePort(HOST);
    site = await openTemporalSite({
      config: { reconcile: { every: `${INTERVAL_MS} ms` }, metrics: { host: HOST, port } },
    });
    // Under `up`, those of the worker are beside the gateway's.
    metrics = `http://${HOST}:${port + 1}/metrics`;
    await site.start('up');
  });
  afterAll(() => site.close());

  /** The sum of a metric over all its series. */
  async function sumOf(name: string): Promise<number> {
    const lines = (await (await fetch(metrics)).text()).split('\n');
    return lines
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  it('reconciliation claims all archives within an interval and their own time, and counts them', async () => {
    const archives = await site.simulator.createArchives({
      count: 10,
      size: 20_000,
      notify: { when: 'never' },
    });
    const created = Date.now();
    for (const { archiveId } of archives)
      await site.simulator.untilStatus(archiveId, 'ABANDONED', INTERVAL_MS + THEIR_OWN_TIME_MS);
    expect(Date.now() - created).toBeLessThan(INTERVAL_MS + THEIR_OWN_TIME_MS);
    for (const archive of archives) await expectClaimed(site, archive);
    await until('all to be counted', async () => (await sumOf('archivist_reconcile_queued_total')) === 10);
    expect(await sumOf('archivist_reconcile_incomplete_total')).toBe(0);
    expect(await sumOf('archivist_reconcile_last_success_timestamp_seconds')).toBeGreaterThan(
      created / 1000 - 60,
    );
  });

  it('a person can start reconciliation at once, and sees the result', async () => {
    await site.simulator.createArchives({
      archiveId: 'expired',
      statuses: [{ status: 'EXPIRED' }],
      notify: { when: 'never' },
    });
    await until('it is found', async () => (await sumOf('archivist_reconcile_missed')) === 1);
    expect(await site.done('reconcile')).toBe(
      'acme  11 listed: 1 expired before anybody here knew of them\n',
    );
    expect(JSON.parse(await site.done('reconcile', '--tenant', 'acme', '--json'))).toMatchObject({
      tenant: 'acme',
      listed: 11,
      queued: 0,
      missed: 1,
    });
  });

  it('a person sees that the list is not whole, with exit code 1', async () => {
    await site.simulator.setFaults([{ fault: 'pagedList', size: 4, next: 'cursor' }]);
    const { code, stdout, stderr } = await site.run('reconcile');
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: matching(
        /^acme {2}4 listed: the list is not whole \(PlatformUnavailable\): The .+ list of .+\.\n$/,
      ),
    });
    expect(stderr).toContain('1 of 1 lists could not be reconciled to their end');
    expect(await sumOf('archivist_reconcile_incomplete_total')).toBeGreaterThan(0);
  });
});
