import { setTimeout as pause } from 'node:timers/promises';
import type { CreatedArchive } from '../../src/simulator';
import type { Running } from '../support/processes';
import { abandonsOf, expectClaimed } from './expect-claimed';
import { freeOrphans } from './free-orphans';
import { beginClaim, claimOf, openTemporalSite, type TemporalSite } from './temporal-site';

/** Of one worker alone; `npm run chaos` kills everything, and far more often. */
const KILLS = 4;
const ARCHIVES_A_KILL = 2;
/** A claim of a small archive takes about this long. */
const LONGEST_LIFE_MS = 700;

let site: TemporalSite;
let worker: Running;
beforeAll(async () => {
  site = await openTemporalSite();
  await site.done('setup');
});
afterEach(() => worker.kill());
afterAll(() => site.close());

async function claimed(count: number): Promise<readonly CreatedArchive[]> {
  const archives = await site.simulator.createArchives({ count, size: 20_000, notify: { when: 'never' } });
  await Promise.all(archives.map(({ archiveId }) => beginClaim(site, archiveId)));
  return archives;
}

test('a worker that is killed before the platform can confirm its abandon does not abandon again', async () => {
  const { rules, simulator } = site;
  worker = await site.start('worker');
  const killed = new Promise<void>((resolve) => {
    rules.onAnswer = async ({ endpoint }) => {
      if (endpoint !== 'abandon') return undefined;
      await worker.kill();
      resolve();
      return undefined;
    };
  });
  const [archive] = await claimed(1);
  await killed;
  rules.onAnswer = undefined;
  await freeOrphans(site, [archive!.archiveId]);

  worker = await site.start('worker');
  expect(await claimOf(site, archive!.archiveId).result()).toMatchObject({ state: 'abandoned' });
  await expectClaimed(site, archive!);
  expect(await abandonsOf(simulator, archive!.conferenceId)).toHaveLength(1);
});

test(`workers that are killed at ${KILLS} random moments claim every archive, and abandon each once and safely`, async () => {
  const archives: CreatedArchive[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    archives.push(...(await claimed(ARCHIVES_A_KILL)));
    worker = await site.start('worker');
    await pause(Math.random() * LONGEST_LIFE_MS);
    await worker.kill();
    await freeOrphans(
      site,
      archives.map(({ archiveId }) => archiveId),
    );
  }

  worker = await site.start('worker');
  await Promise.all(archives.map(({ archiveId }) => claimOf(site, archiveId).result()));
  for (const archive of archives) await expectClaimed(site, archive);
  expect(await site.incoming()).toEqual([]);
});
