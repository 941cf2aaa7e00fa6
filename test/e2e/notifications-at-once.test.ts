import { Client as Postgres } from 'pg';
import type { CreatedArchive, DeliveryOutcome } from '../../src/simulator';
import { abandonsOf, downloadsOf, expectClaimed } from './expect-claimed';
import { claimOf, openTemporalSite, type TemporalSite } from './temporal-site';
import { createDatabase } from '../support/postgres';
import { listedRuns } from '../support/temporal';

const NOTIFICATIONS = 50;

interface Told {
  readonly archive: CreatedArchive;
  readonly answers: readonly string[];
}

/** Makes an archive and has the platform send the same notification to all gateways at once, 50 in all. */
async function tellAtOnce({ simulator }: TemporalSite, gateways: number): Promise<Told> {
  const [archive] = await simulator.createArchives({ size: 50_000, notify: { when: 'never' } });
  await simulator.untilStatus(archive!.archiveId, 'AVAILABLE');
  const outcomes = await simulator.notify(archive!.archiveId, { times: NOTIFICATIONS / gateways });
  return { archive: archive!, answers: outcomes.map(answerOf).sort() };
}

function answerOf({ answer, statusCode, error }: DeliveryOutcome): string {
  return answer ?? error ?? String(statusCode);
}

async function expectClaimedOnce(site: TemporalSite, { archive, answers }: Told): Promise<void> {
  await site.simulator.untilStatus(archive.archiveId, 'ABANDONED');
  expect(await claimOf(site, archive.archiveId).result()).toMatchObject({ state: 'abandoned' });
  // One that is taken while the claim begins is accepted once more: it finds the claim running.
  expect(answers).toHaveLength(NOTIFICATIONS);
  expect([...new Set(answers)]).toEqual(['accepted', 'duplicate']);
  await expectClaimed(site, archive);
  expect(await abandonsOf(site.simulator, archive.conferenceId)).toHaveLength(1);
  expect(await downloadsOf(site.simulator, archive.archiveId)).toHaveLength(1);
  expect(await listedRuns(site.client, claimOf(site, archive.archiveId).workflowId)).toBe(1);
}

test('50 concurrent notifications of one archive through two gateways start one claim', async () => {
  const ledger = await createDatabase();
  const site = await openTemporalSite({ ledger });
  try {
    await site.done('setup');
    const processes = await Promise.all([site.start('gateway'), site.start('gateway'), site.start('worker')]);
    for (const gateway of processes.slice(0, 2)) await site.subscribe(gateway);
    const told = await tellAtOnce(site, 2);
    await expectClaimedOnce(site, told);
    expect(await rowsIn(ledger)).toEqual([{ archive_id: told.archive.archiveId, state: 'abandoned' }]);
  } finally {
    await site.close();
  }
});

async function rowsIn(database: string): Promise<unknown[]> {
  const client = new Postgres({ connectionString: database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>('SELECT archive_id, state FROM archives')).rows;
  } finally {
    await client.end();
  }
}
